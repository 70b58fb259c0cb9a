import type { IncomingMessage, RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { AttemptOutcome, TriggerEnvironment } from '@aftercommit/registry';
import { ManualClock, sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { egressOf, lookupAtHome, lookupRefused } from '../../test/scripted-egress.js';
import { serving } from '../../test/servers.js';
import { HttpReceiver } from './http-receiver.js';
import { requestHeaders } from './request-headers.js';
import { verdictOf } from './status-verdict.js';

async function receiverOf(answer: RequestListener, given: Partial<TriggerEnvironment> = {}) {
  const url = await serving(answer);
  const receiver = new HttpReceiver(new URL(`${url}/own?x=y`), sampleEnvironment(given));
  onTestFinished(() => receiver.close());
  return { receiver, url };
}

const get = { method: 'GET', headers: requestHeaders({ accept: 'application/json' }) };

describe('one request of an attempt', () => {
  test('has method, path, headers and body as they are given, and what a connection needs', async () => {
    const seen: Array<Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>> = [];
    const { receiver, url } = await receiverOf((request, response) => {
      seen.push({ method: request.method, url: request.url, rawHeaders: request.rawHeaders });
      response.end();
    });
    const attempt = sampleAttempt();
    await receiver.deliver(attempt, { ...get, path: '/api/runs/7?full=1' });
    await receiver.deliver(attempt, { method: 'PUT', headers: { 'x-a': '1' }, body: Buffer.from('é') });
    const { host } = new URL(url);
    expect(seen).toMatchObject([
      { method: 'GET', url: '/api/runs/7?full=1' },
      {
        method: 'PUT',
        url: '/own?x=y',
        rawHeaders: ['host', host, 'x-a', '1', 'content-length', '2', 'Connection', 'keep-alive'],
      },
    ]);
    expect(seen[0]?.rawHeaders).not.toContain('content-length');
    expect(seen[0]?.rawHeaders).not.toContain('Transfer-Encoding');
  });

  test.each<[number, AttemptOutcome['outcome']]>([
    [409, 'delivered'],
    [200, 'retry'],
    [302, 'delivered'],
    [500, 'rejected'],
  ])('with the status %d means what the kind says: %s', async (status, verdict) => {
    const { receiver, url } = await receiverOf((_request, response) => response.writeHead(status).end('said'));
    const outcome = await receiver.deliver(sampleAttempt(), get, () => verdict);
    const reason = `HTTP ${status} from ${url}: "said"`;
    expect(outcome).toEqual(verdict === 'delivered' ? { outcome: verdict } : { outcome: verdict, reason });
  });

  test('is followed by others under the same deadline', async () => {
    const seen: string[] = [];
    const { receiver } = await receiverOf((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.url !== '/hang') response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":7}');
    });
    const controller = new AbortController();
    const attempt = sampleAttempt({ signal: controller.signal });
    const started = await receiver.request(attempt, { ...get, method: 'POST', path: '/runs', body: Buffer.from('{}') });
    expect('outcome' in started ? started : await started.json()).toEqual({ id: 7 });
    const hanging = receiver.request(attempt, { ...get, path: '/hang' });
    await vi.waitUntil(() => seen.length === 2, { interval: 1 });
    controller.abort();
    expect(await hanging).toMatchObject({ outcome: 'retry', reason: expect.stringContaining('was ended before') });
    expect(await receiver.request(attempt, { ...get, path: '/late' })).toMatchObject({ outcome: 'retry' });
    expect(seen).toEqual(['POST /runs', 'GET /hang']);
  });
});

describe('the JSON of an answer', () => {
  const read = async (answer: RequestListener, clock = new ManualClock()) => {
    const { receiver } = await receiverOf(answer, { clock });
    const given = await receiver.request(sampleAttempt({ deadlineAt: clock.now() + 1_000 }), get);
    if ('outcome' in given) throw new Error('no answer');
    return given.json();
  };
  const sending = (body: string | Uint8Array, headers = {}) =>
    read((_request, response) => response.writeHead(200, headers).end(body));
  const gzip = { 'content-encoding': 'gzip' };

  test('is read up to 1 MiB, compressed or not', async () => {
    const long = JSON.stringify('x'.repeat(1024 * 1024 - 2));
    expect(await sending('{"a":[1,"é"]}')).toEqual({ a: [1, 'é'] });
    expect(await sending(gzipSync('{"a":1}'), gzip)).toEqual({ a: 1 });
    expect(await sending(long)).toHaveLength(1024 * 1024 - 2);
    expect(await sending(gzipSync(long), gzip)).toHaveLength(1024 * 1024 - 2);
  });

  test.each<[string, string | Uint8Array, object]>([
    ['is none', '<html>', {}],
    ['is cut', '{"a":', {}],
    ['is empty', '', {}],
    ['is no UTF-8', Buffer.from('"\xe9"', 'latin1'), {}],
    ['is longer', JSON.stringify('x'.repeat(1024 * 1024)), {}],
    ['is longer unpacked', gzipSync(JSON.stringify('x'.repeat(20_000_000))), gzip],
    ['is packed as nobody knows', '{}', { 'content-encoding': 'zork' }],
  ])('that %s is none', async (_what, body, headers) => {
    expect(await sending(body, headers)).toBeUndefined();
  });

  test('that does not come before the deadline is none, and its connection is let go', async () => {
    const clock = new ManualClock();
    let isGone = false;
    const reading = read((_request, response) => {
      response.write('{"a":');
      response.once('close', () => (isGone = true));
    }, clock);
    await clock.nextSleep();
    await clock.advance(1_000);
    expect(await reading).toBeUndefined();
    await vi.waitUntil(() => isGone, { interval: 1 });
  });
});

describe('what may not be reached', () => {
  test('is rejected with the words of the guard, before a connection is made', async () => {
    let connections = 0;
    const { receiver } = await receiverOf(() => (connections += 1), {
      egress: egressOf({ refusal: (host) => `${host} may not be reached.` }),
    });
    const outcome = { outcome: 'rejected', reason: '127.0.0.1 may not be reached.' };
    expect(await receiver.request(sampleAttempt(), get)).toEqual(outcome);
    expect(await receiver.deliver(sampleAttempt(), get, verdictOf)).toEqual(outcome);
    expect(connections).toBe(0);
  });

  test('by its address is rejected when its name is looked up, each time', async () => {
    const receiver = new HttpReceiver(
      new URL('https://receiver.example/s3cret?key=s3cret'),
      sampleEnvironment({ egress: egressOf({ lookup: lookupRefused }) }),
    );
    onTestFinished(() => receiver.close());
    for (const number of [1, 2]) {
      expect(await receiver.deliver(sampleAttempt({ number }), get)).toEqual({
        outcome: 'rejected',
        reason: 'receiver.example has an address that may not be reached: 10.0.0.1.',
      });
    }
  });

  test('is asked before each attempt, also one that would use a connection again', async () => {
    const clock = new ManualClock();
    const asked: string[] = [];
    let isRefused = false;
    const egress = egressOf({
      refusal: (host) => {
        asked.push(host);
        return isRefused ? 'no longer' : undefined;
      },
      lookup: lookupAtHome(),
    });
    const { receiver } = await receiverOf((_request, response) => response.end(), { clock, egress });
    expect(await receiver.deliver(sampleAttempt(), get)).toEqual({ outcome: 'delivered' });
    await vi.waitUntil(() => clock.sleepers.length === 0, { interval: 1 });
    await clock.advance(100);
    isRefused = true;
    expect(await receiver.deliver(sampleAttempt(), get)).toEqual({ outcome: 'rejected', reason: 'no longer' });
    expect(asked).toEqual(['127.0.0.1', '127.0.0.1']);
  });
});
