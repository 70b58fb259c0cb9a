import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

import { ManualClock, type Receiver, sampleAttempt, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { attemptAt, listening, open, serving } from '../test/servers.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => receiver.clear());

describe('the body', () => {
  test('is quoted in the reason of a failed attempt, also when compressed', async () => {
    await receiver.respond('/', [
      { status: 503, body: 'out of\nspace' },
      { status: 422, body: gzipSync('no such\u0007field'), headers: { 'content-encoding': 'gzip' } },
    ]);
    const trigger = await open({ url: `${receiver.url}/?token=s3cret` });
    const { host } = new URL(receiver.url);
    expect(await trigger.attempt(sampleAttempt())).toEqual({
      outcome: 'retry',
      reason: `HTTP 503 from http://${host}: "out of space"`,
    });
    expect(await trigger.attempt(sampleAttempt())).toEqual({
      outcome: 'rejected',
      reason: `HTTP 422 from http://${host}: "no such field"`,
    });
  });

  test.each([200, 503, 400])('of 10 MB changes nothing of a %d and is not taken in', async (status) => {
    let sentBytes = 0;
    const responses = new EventEmitter();
    const gone = once(responses, 'close');
    const url = await serving((_request, response) => {
      response.writeHead(status);
      const chunk = Buffer.alloc(64 * 1024, 'a');
      const pump = () => {
        while (sentBytes < 10_000_000 && !response.destroyed) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', pump);
        }
        response.end();
      };
      pump();
      response.once('close', () => responses.emit('close'));
    });
    const result = await attemptAt(url);
    expect(result.outcome).toBe(status === 200 ? 'delivered' : status === 503 ? 'retry' : 'rejected');
    expect(JSON.stringify(result).length).toBeLessThan(5000);
    await gone;
    expect(sentBytes).toBeLessThan(9_000_000);
  });

  test('that never ends does not hold up a delivery', async () => {
    const url = await serving((_request, response) => void response.writeHead(200).write('a'));
    expect(await attemptAt(url)).toEqual({ outcome: 'delivered' });
  });

  test('that never ends holds one connection, not one for each delivery', async () => {
    const connections = new Set<Socket>();
    const server = createServer((_request, response) => void response.writeHead(200).write('a'));
    server.on('connection', (socket: Socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    });
    const trigger = await open({ url: await listening(server) });
    for (let number = 1; number <= 20; number += 1) await trigger.attempt(sampleAttempt({ number }));
    await vi.waitFor(() => expect(connections.size).toBeLessThanOrEqual(2));
  });

  test('that drips is waited for until the signal aborts, and what was there is told', async () => {
    const url = await serving((_request, response) => void response.writeHead(400).write('no such f'));
    const clock = new ManualClock();
    const trigger = await open({ url }, { clock });
    const controller = new AbortController();
    const attempting = trigger.attempt(sampleAttempt({ signal: controller.signal }));
    await clock.nextSleep();
    controller.abort();
    expect((await attempting).outcome).toBe('rejected');
  });

  test('that drips is given up well before the deadline, which would make a timeout of the outcome', async () => {
    const url = await serving((_request, response) => void response.writeHead(400).write('no such f'));
    const clock = new ManualClock();
    const trigger = await open({ url }, { clock });
    const attempting = trigger.attempt(sampleAttempt({ deadlineAt: clock.now() + 1000 }));
    expect((await clock.nextSleep()).wakesInMs).toBe(500);
    await clock.advance(500);
    expect((await attempting).outcome).toBe('rejected');
  });

  test.each([
    [200, 'delivered'],
    [503, 'retry'],
    [404, 'rejected'],
  ])('that breaks off changes nothing of a %d', async (status, outcome) => {
    await receiver.respond('/', [
      { status, body: 'half of it', destroy: 'mid-body', headers: { 'content-length': '10' } },
    ]);
    expect((await attemptAt(receiver.url)).outcome).toBe(outcome);
  });

  test('in a broken encoding changes nothing', async () => {
    const broken = { body: 'this is no gzip', headers: { 'content-encoding': 'gzip' } };
    await receiver.respond('/', [broken, { ...broken, status: 500 }]);
    const trigger = await open({ url: receiver.url });
    expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    expect(await trigger.attempt(sampleAttempt())).toMatchObject({ outcome: 'retry' });
  });

  test('that quotes a header is passed on as it is: hiding secrets is the work of the core', async () => {
    const url = await serving((request, response) => response.writeHead(403).end(request.headers.authorization));
    const trigger = await open({ url, headers: { Authorization: 'Bearer s3cret' } });
    expect(await trigger.attempt(sampleAttempt())).toMatchObject({ reason: expect.stringContaining('Bearer s3cret') });
  });
});
