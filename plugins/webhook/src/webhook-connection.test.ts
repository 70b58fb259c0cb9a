import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';

import { createServer as createTlsServer } from 'node:tls';
import type { Egress } from '@aftercommit/registry';
import { ManualClock, type Receiver, sampleAttempt, sampleEnvironment, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { attemptAt, listening, open, speaking } from '../test/servers.js';
import { webhook } from './webhook-kind.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => receiver.clear());

const accepted = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
const refused = 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n';

/** What is left of an answer is read in the background, and a sleeper on the clock limits that: until it is gone. */
async function bodyIsRead(clock: ManualClock): Promise<void> {
  await vi.waitUntil(() => clock.sleepers.length === 0, { interval: 1 });
  await new Promise((resolve) => setImmediate(resolve));
}

describe('a connection', () => {
  test('is used again after a delivery and after a failure with a short body', async () => {
    await receiver.respond('/', [{ body: 'fine' }, { status: 503, body: 'busy' }, { status: 204 }]);
    const clock = new ManualClock();
    const trigger = await open({ url: receiver.url }, { clock });
    for (let number = 1; number <= 4; number += 1) {
      await trigger.attempt(sampleAttempt({ number }));
      await bodyIsRead(clock);
      await clock.advance(100);
    }
    expect(new Set((await receiver.requests()).map(({ connection }) => connection)).size).toBe(1);
  });

  test("is the attempt's own once the server reset one that was used before", async () => {
    const heads: string[] = [];
    const server = createTcpServer((socket) => {
      let requests = 0;
      socket.on('data', (head) => {
        heads.push(head.toString());
        requests += 1;
        if (requests === 1) socket.write(accepted);
        else socket.resetAndDestroy();
      });
    });
    const clock = new ManualClock();
    const trigger = await open({ url: await listening(server) }, { clock });
    const outcomes: string[] = [];
    for (let number = 1; number <= 4; number += 1) {
      outcomes.push((await trigger.attempt(sampleAttempt({ number }))).outcome);
      await bodyIsRead(clock);
      await clock.advance(100);
    }
    expect(outcomes).toEqual(['delivered', 'retry', 'delivered', 'delivered']);
    expect(heads.map((head) => /^connection: (.*)\r$/im.exec(head)?.[1])).toEqual([
      'keep-alive',
      'keep-alive',
      'close',
      'close',
    ]);
  });

  test.each<[string, number, (socket: Socket) => void]>([
    ['closes it without saying so', 0, (socket) => socket.end(accepted)],
    ['closes it a moment later', 0, (socket) => setTimeout(() => socket.end(), 1) && socket.write(accepted)],
    ['resets it', 0, (socket) => socket.write(accepted, () => socket.resetAndDestroy())],
    ['sends an answer too many', 100, (socket) => socket.write(accepted + refused)],
    [
      'sends an answer too many in a piece of its own',
      500,
      (socket) => socket.write(accepted) && socket.write(refused),
    ],
    [
      'sends an answer too many a moment later',
      0,
      (socket) => setTimeout(() => socket.write(refused), 1) && socket.write(accepted),
    ],
  ])('whose server answers and then %s costs no other attempt anything', async (_title, pauseMs, answer) => {
    const url = await listening(createTcpServer((socket) => void socket.on('data', () => answer(socket))));
    const clock = new ManualClock();
    const trigger = await open({ url }, { clock });
    for (let number = 1; number <= 30; number += 1) {
      expect(await trigger.attempt(sampleAttempt({ number })), `attempt ${number}`).toEqual({ outcome: 'delivered' });
      await bodyIsRead(clock);
      await clock.advance(pauseMs);
    }
  });

  test('takes no answer to an attempt that was given up for the answer to the next one', async () => {
    const sockets: Socket[] = [];
    const arrivals = new EventEmitter();
    const server = createTcpServer((socket) => {
      sockets.push(socket);
      socket.once('data', () => arrivals.emit('request'));
    });
    const trigger = await open({ url: await listening(server) });
    const controller = new AbortController();
    const first = once(arrivals, 'request');
    const givenUp = trigger.attempt(sampleAttempt({ signal: controller.signal }));
    await first;
    controller.abort();
    expect((await givenUp).outcome).toBe('retry');
    const second = once(arrivals, 'request');
    const next = trigger.attempt(sampleAttempt({ number: 2 }));
    await second;
    sockets[0]?.write(accepted);
    sockets[1]?.write(refused);
    expect((await next).outcome).toBe('rejected');
  });

  test('that is refused names the address', async () => {
    const closed = await startReceiver();
    await closed.stop();
    const { host } = new URL(closed.url);
    expect(await attemptAt(closed.url)).toEqual({ outcome: 'retry', reason: `connection refused by ${host}` });
  });

  test('that is closed before the status is a retry', async () => {
    await receiver.respond('/', [{ destroy: 'before-status' }]);
    expect(await attemptAt(receiver.url)).toEqual({
      outcome: 'retry',
      reason: `connection closed by ${new URL(receiver.url).host} before it answered`,
    });
  });

  test.each([
    ['not HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'is not HTTP'],
    ['too many headers', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 'are too long'],
  ])('that answers with %s is a retry', async (_title, answer, saying) => {
    expect(await attemptAt(await speaking(answer))).toMatchObject({
      outcome: 'retry',
      reason: expect.stringContaining(saying),
    });
  });

  test('without TLS behind an https URL is a retry that says so', async () => {
    const url = await speaking('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await attemptAt(url.replace('http:', 'https:'))).toMatchObject({
      outcome: 'retry',
      reason: expect.stringContaining('TLS'),
    });
  });

  test('without TLS to a server that wants it is a retry', async () => {
    expect((await attemptAt(await listening(createTlsServer({})))).outcome).toBe('retry');
  });

  test('whose TLS handshake is never answered lasts until the signal', async () => {
    const arrivals = new EventEmitter();
    const arrived = once(arrivals, 'bytes');
    const url = await listening(createTcpServer((socket) => void socket.once('data', () => arrivals.emit('bytes'))));
    const controller = new AbortController();
    const attempting = attemptAt(url.replace('http:', 'https:'), { signal: controller.signal });
    await arrived;
    controller.abort();
    expect((await attempting).outcome).toBe('retry');
  });

  test('to a name that does not exist is a retry', async () => {
    const lookup: Egress['lookup'] = (name, _options, callback) => {
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), '', 4);
    };
    const trigger = await open({ url: 'http://nowhere.example/' }, { egress: { refusal: () => undefined, lookup } });
    expect(await trigger.attempt(sampleAttempt())).toEqual({
      outcome: 'retry',
      reason: 'no address found for nowhere.example:80',
    });
  });
});

describe('the signal', () => {
  test('ends an attempt that nobody answers', async () => {
    await receiver.respond('/', [{ hang: true }]);
    const controller = new AbortController();
    const attempting = attemptAt(receiver.url, { signal: controller.signal });
    await receiver.waitFor(1);
    controller.abort();
    expect(await attempting).toMatchObject({ outcome: 'retry', reason: expect.stringContaining('ended before') });
  });

  test('of a deadline is told as a timeout', async () => {
    await receiver.respond('/', [{ hang: true }]);
    const clock = new ManualClock();
    const trigger = await open({ url: receiver.url }, { clock });
    const controller = new AbortController();
    const attempting = trigger.attempt(sampleAttempt({ signal: controller.signal, deadlineAt: clock.now() + 30_000 }));
    await receiver.waitFor(1);
    await clock.advance(30_000);
    controller.abort(new DOMException('30 s are over', 'TimeoutError'));
    expect(await attempting).toMatchObject({ outcome: 'retry', reason: expect.stringContaining('within the timeout') });
  });

  test('that aborts while a connection is looked at sends nothing', async () => {
    const clock = new ManualClock();
    const trigger = await open({ url: receiver.url }, { clock });
    await trigger.attempt(sampleAttempt());
    await bodyIsRead(clock);
    await clock.advance(100);
    const controller = new AbortController();
    const attempting = trigger.attempt(sampleAttempt({ number: 2, signal: controller.signal }));
    controller.abort();
    expect(await attempting).toMatchObject({ outcome: 'retry', reason: expect.stringContaining('ended before') });
    expect(await receiver.requests()).toHaveLength(1);
  });

  test('that aborted before sends nothing', async () => {
    expect(await attemptAt(receiver.url, { signal: AbortSignal.abort() })).toMatchObject({ outcome: 'retry' });
    expect(await receiver.requests()).toEqual([]);
  });
});

describe('closing', () => {
  test('releases connections, kept ones and ones still being read', async () => {
    const closed: Array<Promise<unknown>> = [];
    const server = createServer((_request, response) => void response.writeHead(200).write('never ends'));
    server.on('connection', (socket: Socket) => closed.push(once(socket, 'close')));
    const trigger = await webhook.open({ url: await listening(server) }, sampleEnvironment());
    for (const number of [1, 2]) await trigger.attempt(sampleAttempt({ number }));
    await trigger.close?.();
    await Promise.all(closed);
    expect(closed).toHaveLength(2);
  });
});
