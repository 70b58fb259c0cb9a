import { EventEmitter, once } from 'node:events';

import { createServer as createTcpServer, type Socket } from 'node:net';

import type { AttemptOutcome } from '@aftercommit/registry';
import { ManualClock, type Receiver, sampleAttempt, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { attemptAt, listening, open, serving, speaking } from '../test/servers.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => receiver.clear());

describe('the status', () => {
  const table: Array<[AttemptOutcome['outcome'], number[]]> = [
    ['delivered', [200, 201, 202, 204, 205, 206, 226, 299]],
    ['retry', [408, 425, 429, 500, 501, 502, 503, 504, 507, 599]],
    ['rejected', [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 499, 600, 999]],
  ];
  for (const [outcome, statuses] of table) {
    test.each(statuses)(`%d is ${outcome}, after one request`, async (status) => {
      await receiver.respond('/', [{ status }]);
      const result = await attemptAt(receiver.url);
      expect(result.outcome).toBe(outcome);
      if (result.outcome !== 'delivered') expect(result.reason).toContain(`HTTP ${status} from http://127.0.0.1:`);
      expect(await receiver.requests()).toHaveLength(1);
    });
  }

  test('of a redirect is not followed, and only the host of its target is named', async () => {
    await receiver.respond('/', [{ status: 307, headers: { location: `${receiver.url}/elsewhere?token=s3cret` } }]);
    const result = await attemptAt(receiver.url);
    expect(result).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining(new URL(receiver.url).host) });
    expect(JSON.stringify(result)).not.toMatch(/s3cret|elsewhere/);
    expect(await receiver.requests('/elsewhere')).toEqual([]);
  });

  test.each([
    ['https://us3r:s3cret@other.example:8443/s3cret?s3cret#s3cret', ' (to other.example:8443)'],
    ['//other.example/s3cret', ' (to other.example)'],
    ['s3cret', undefined],
    ['javascript:alert("s3cret")', ''],
    ['data:text/html,s3cret', ''],
    ['mailto:s3cret@example.com', ''],
    ['http://[s3cret', ''],
    [`http://${'s3cret.'.repeat(100)}example/`, ''],
    ['', undefined],
  ])('of a redirect to %j says nothing but the host of it', async (location, saying) => {
    await receiver.respond('/', [{ status: 302, headers: { location } }]);
    const own = ` (to ${new URL(receiver.url).host})`;
    expect(await attemptAt(receiver.url)).toEqual({
      outcome: 'rejected',
      reason: `HTTP 302 from ${receiver.url}: redirects are not followed${saying ?? own}. Configure the final URL`,
    });
  });

  test('is the final one: informational ones before it are ignored', async () => {
    const url = await serving((_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeHead(503).end();
    });
    expect((await attemptAt(url)).outcome).toBe('retry');
  });

  test('decides also when it comes before the whole payload was taken, and the rest is not sent', async () => {
    const connected = new EventEmitter();
    const connection = once(connected, 'socket');
    const url = await listening(
      createTcpServer((socket) => {
        socket.pause();
        socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 8\r\n\r\ntoo long');
        connected.emit('socket', socket);
      }),
    );
    const payload = JSON.stringify('x'.repeat(20_000_000));
    expect(await attemptAt(url, { payload })).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('too long'),
    });
    const [socket] = (await connection) as [Socket];
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(payload.length);
  });

  test('of a protocol switch that nobody asked for is no delivery', async () => {
    const url = await speaking('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    expect((await attemptAt(url)).outcome).toBe('rejected');
  });

  test.each([
    ['7', 7000],
    ['Mon, 01 Jan 2024 00:00:30 GMT', 30_000],
    ['soon', undefined],
  ])('comes with the wait that Retry-After %j asks for', async (header, retryAfterMs) => {
    await receiver.respond('/', [{ status: 429, headers: { 'retry-after': header } }]);
    const trigger = await open({ url: receiver.url }, { clock: new ManualClock(Date.UTC(2024, 0, 1)) });
    const { reason, ...rest } = Object.assign({ reason: '' }, await trigger.attempt(sampleAttempt()));
    expect(reason).toContain('HTTP 429');
    expect(rest).toEqual(retryAfterMs === undefined ? { outcome: 'retry' } : { outcome: 'retry', retryAfterMs });
  });
});
