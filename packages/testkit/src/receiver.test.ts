import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { attachReceiver, type Receiver, startReceiver } from './receiver.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => receiver.clear());

const post = (path: string, body: string | Uint8Array = '{}', headers: Record<string, string> = {}) =>
  fetch(`${receiver.url}${path}`, { method: 'POST', body, headers });

describe('a receiver', () => {
  test('records a request with its exact bytes, and answers 200', async () => {
    const before = Date.now();
    const response = await post('/hook?token=1', '{"name":"Zoë 🐙"}', { 'Webhook-Id': 'msg_1', 'X-Odd': 'a' });
    expect(response.status).toBe(200);
    const [request] = await receiver.requests('/hook');
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hook?token=1',
      body: '{"name":"Zoë 🐙"}',
      idempotencyKey: 'msg_1',
      headers: { 'x-odd': 'a' },
    });
    expect(request?.rawBody).toEqual(Buffer.from('{"name":"Zoë 🐙"}'));
    expect(request?.at).toBeGreaterThanOrEqual(before);
  });

  test('answers from the script of the path, whose last response repeats', async () => {
    await receiver.respond('/hook', [
      { status: 503, headers: { 'retry-after': '7' } },
      { status: 201, body: 'made' },
    ]);
    const first = await post('/hook');
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '7']);
    for (const _ of [1, 2]) {
      const later = await post('/hook');
      expect([later.status, await later.text()]).toEqual([201, 'made']);
    }
    expect((await post('/other')).status).toBe(200);
  });

  test('sends a body of bytes as it is', async () => {
    await receiver.respond('/hook', [{ body: Uint8Array.of(0, 255, 31) }]);
    const response = await post('/hook');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(0, 255, 31));
  });

  test('counts a request before it answers', async () => {
    await receiver.respond('/hook', [{ hang: true }]);
    const controller = new AbortController();
    const unanswered = fetch(`${receiver.url}/hook`, { method: 'POST', body: '{}', signal: controller.signal });
    expect(await receiver.waitFor(1, '/hook')).toHaveLength(1);
    controller.abort();
    await expect(unanswered).rejects.toThrow();
  });

  test('does not resolve waitFor before so many requests are there', async () => {
    let seen = 0;
    const waiting = receiver.waitFor(2, '/hook').then((requests) => {
      seen = requests.length;
    });
    await post('/other');
    await post('/hook');
    expect(seen).toBe(0);
    await post('/hook');
    await waiting;
    expect(seen).toBe(2);
  });

  test('closes the connection before the status, or in mid-body', async () => {
    await receiver.respond('/hook', [
      { destroy: 'before-status' },
      { destroy: 'mid-body', body: 'abcdef', headers: { 'content-length': '6' } },
    ]);
    await expect(post('/hook')).rejects.toThrow();
    const torn = await post('/hook');
    expect(torn.status).toBe(200);
    await expect(torn.text()).rejects.toThrow();
    expect(await receiver.requests('/hook')).toHaveLength(2);
  });

  test('drips a body byte by byte, and waits before the status line', async () => {
    await receiver.respond('/hook', [{ dripMsPerByte: 1, delayMs: 1, body: 'slow' }]);
    expect(await (await post('/hook')).text()).toBe('slow');
  });

  test('forgets requests and scripts when cleared', async () => {
    await receiver.respond('/hook', [{ status: 500 }]);
    await post('/hook');
    await receiver.clear();
    expect(await receiver.requests()).toEqual([]);
    expect((await post('/hook')).status).toBe(200);
  });

  test('numbers connections, so that a kept one is seen', async () => {
    const { Agent, request } = await import('node:http');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const path of ['/kept', '/kept']) {
      const sent = request(`${receiver.url}${path}`, { method: 'POST', agent }).end('{}');
      const [response] = await once(sent, 'response');
      response.resume();
      await once(response, 'end');
    }
    agent.destroy();
    const [first, second] = await receiver.requests('/kept');
    expect(second?.connection).toBe(first?.connection);
  });
});

describe('the process of a receiver', () => {
  test('says that a port is taken', async () => {
    const port = Number(new URL(receiver.url).port);
    await expect(startReceiver({ port })).rejects.toMatchObject({ code: 'RECEIVER_NOT_STARTED' });
  });

  test('frees its port when stopped, so that it can start there again', async () => {
    const first = await startReceiver();
    const port = Number(new URL(first.url).port);
    await first.stop();
    await expect(first.requests()).rejects.toMatchObject({ code: 'RECEIVER_GONE' });
    const second = await startReceiver({ port });
    expect(second.url).toBe(first.url);
    await second.stop();
    await second.stop();
  });

  test('ends with the process that started it, unless it is detached', async () => {
    const program = fileURLToPath(new URL('receiver-process.mjs', import.meta.url));
    for (const detached of [false, true]) {
      const child = fork(program, [JSON.stringify({ detached })], { execArgv: [], detached, stdio: 'ignore' });
      const [{ port, controlPort }] = (await once(child, 'message')) as [{ port: number; controlPort: number }];
      const attached = attachReceiver(`http://127.0.0.1:${controlPort}?port=${port}`);
      expect(await attached.requests()).toEqual([]);
      const exited = once(child, 'exit');
      child.disconnect();
      if (detached) {
        await attached.respond('/', [{ status: 204 }]);
        expect((await fetch(attached.url)).status).toBe(204);
        await attached.stop();
      }
      await exited;
    }
  });
});
