import { Agent as HttpAgent } from 'node:http';
import got from 'got';
import { Agent } from 'undici';

/** Posts a payload, and throws unless the answer is a 2xx. */
export type Post = (url: string, payload: string, idempotencyKey: string) => Promise<void>;

export type HttpClient = { post: Post; close(): Promise<void> };

function headersOf(idempotencyKey: string): Record<string, string> {
  return { 'content-type': 'application/json', 'webhook-id': idempotencyKey };
}

/** got as its documentation shows it, with connections that are kept, no retries of its own, and a deadline. */
export function gotClient(): HttpClient {
  const http = new HttpAgent({ keepAlive: true });
  const client = got.extend({ agent: { http }, retry: { limit: 0 }, timeout: { request: 30_000 } });
  return {
    async post(url, payload, idempotencyKey) {
      await client.post(url, { body: payload, headers: headersOf(idempotencyKey) });
    },
    async close() {
      http.destroy();
    },
  };
}

/** undici's fastest call, with as many connections as there are requests, and a deadline. */
export function undiciClient(): HttpClient {
  const agent = new Agent({ headersTimeout: 30_000, bodyTimeout: 30_000 });
  return {
    async post(url, payload, idempotencyKey) {
      const { origin, pathname, search } = new URL(url);
      const { statusCode, body } = await agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        body: payload,
        headers: headersOf(idempotencyKey),
      });
      await body.dump();
      if (statusCode >= 300) throw new Error(`HTTP ${statusCode}`);
    },
    close: () => agent.destroy(),
  };
}
