import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request of a service under test, read to its end. */
export type ServiceRequest = {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
};

/** What is answered: a body that is an object is JSON. Undefined: nothing, ever. */
export type ServiceAnswer =
  | { status: number; headers?: Record<string, string>; body?: string | Record<string, unknown> }
  | undefined;

/** A server that behaves as somebody else's does, and remembers what it was asked. */
export type Service = { readonly url: string; readonly requests: ServiceRequest[]; stop(): Promise<void> };

/** Starts a service that answers each request as `answer` says. */
export async function startService(answer: (request: ServiceRequest) => ServiceAnswer): Promise<Service> {
  const requests: ServiceRequest[] = [];
  const server = createServer((incoming, response) => {
    const answering = async (): Promise<void> => {
      const request = await read(incoming);
      requests.push(request);
      write(response, answer(request));
    };
    // A request that breaks off is none.
    answering().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function read(incoming: IncomingMessage): Promise<ServiceRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', 'http://service');
  return {
    method: incoming.method ?? '',
    path,
    query,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

function write(response: ServerResponse, answer: ServiceAnswer): void {
  if (answer === undefined) return;
  const { status, headers = {}, body = '' } = answer;
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

/** The JSON of a text; undefined: it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
