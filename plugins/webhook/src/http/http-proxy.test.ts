import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:tls';
import type { TriggerEnvironment } from '@aftercommit/registry';
import { ManualClock, sampleAttempt } from '@aftercommit/testkit';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { authority, receiverCertificate } from '../../../../tests/servers/certificates.js';
import { connects, type ProxyBehaviour, startProxy } from '../../test/connect-proxy.js';
import { egressOf, lookupRefused } from '../../test/scripted-egress.js';
import { listening, open } from '../../test/servers.js';
import { HttpProxy } from './http-proxy.js';

/** A receiver with or without TLS that counts its connections, under a name that only a proxy can resolve. */
async function startReceiver({ isSecure = false } = {}) {
  const requests: string[] = [];
  let connections = 0;
  const answer: Parameters<typeof createServer>[1] = (request, response) => {
    requests.push(`${request.method} ${request.headers.host} ${request.url}`);
    response.end();
  };
  const server = isSecure ? createSecureServer(receiverCertificate, answer) : createServer(answer);
  server.on(isSecure ? 'secureConnection' : 'connection', () => (connections += 1));
  const { port } = new URL(await listening(server));
  const url = `${isSecure ? 'https' : 'http'}://receiver.example:${port}/hook`;
  return { url, port, requests, connections: () => connections };
}

/** An environment whose names nobody but the proxy resolves. */
const through = (proxy: string, given: Partial<TriggerEnvironment> = {}) => ({
  egress: egressOf({ proxy, lookup: lookupRefused }),
  ...given,
});

const tls = { ca: authority };

describe.each([
  ['http', false],
  ['https', true],
])('an %s receiver behind a proxy', (_scheme, isSecure) => {
  const particulars = isSecure ? { tls } : {};

  test('is reached through CONNECT, and by the name that the proxy resolves', async () => {
    const receiver = await startReceiver({ isSecure });
    const proxy = await startProxy(connects);
    const trigger = await open({ url: receiver.url, ...particulars }, through(proxy.url));
    expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    expect(receiver.requests).toEqual([`POST receiver.example:${receiver.port} /hook`]);
    expect(proxy.asked).toEqual([{ target: `receiver.example:${receiver.port}`, authorization: undefined }]);
  });

  test('keeps its connection as without one', async () => {
    const receiver = await startReceiver({ isSecure });
    const proxy = await startProxy(connects);
    const clock = new ManualClock();
    const trigger = await open({ url: receiver.url, ...particulars }, through(proxy.url, { clock }));
    for (let number = 1; number <= 3; number += 1) {
      expect(await trigger.attempt(sampleAttempt({ number }))).toEqual({ outcome: 'delivered' });
      await vi.waitUntil(() => clock.sleepers.length === 0, { interval: 1 });
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(100);
    }
    expect([receiver.connections(), proxy.asked.length]).toEqual([1, 1]);
    const [socket] = proxy.sockets;
    const closed = socket && once(socket, 'close');
    await trigger.close?.();
    await closed;
  });

  test('is not reached through a proxy that speaks TLS itself and that nobody vouches for', async () => {
    const receiver = await startReceiver({ isSecure });
    const proxy = await startProxy(connects, { isSecure: true });
    const trigger = await open({ url: receiver.url, ...particulars }, through(proxy.url));
    const outcome = await trigger.attempt(sampleAttempt());
    // That of the receiver vouches for no proxy.
    expect(outcome).toMatchObject({
      outcome: 'retry',
      reason: expect.stringContaining('TLS certificate of the proxy'),
    });
    expect(proxy.asked).toEqual([]);
  });
});

test('TLS goes through a proxy that speaks TLS itself', async () => {
  const receiver = await startReceiver({ isSecure: true });
  const proxy = await startProxy(connects, { isSecure: true });
  const trusting = new HttpProxy(proxy.url, { ca: authority });
  const socket = await trusting.connect({ host: 'receiver.example', port: Number(receiver.port) }, never());
  const spoken = connect({ socket, ca: authority, servername: 'receiver.example' });
  await once(spoken, 'secureConnect');
  spoken.destroy();
});

test('the certificate of a proxy is verified also when the environment turns verification off', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const proxy = await startProxy(connects, { isSecure: true });
  const connecting = new HttpProxy(proxy.url).connect({ host: 'receiver.example', port: 443 }, never());
  await expect(connecting).rejects.toThrow('TLS certificate of the proxy');
  expect(proxy.asked).toEqual([]);
});

test('what comes together with the answer of a proxy is not lost', async () => {
  const proxy = await startProxy((socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nearly'));
  const socket = await new HttpProxy(proxy.url).connect({ host: 'receiver.example', port: 80 }, never());
  expect(String(await once(socket, 'data'))).toBe('early');
  socket.destroy();
});

test('the certificate of a receiver behind a proxy is that of its address, not of the proxy', async () => {
  const receiver = await startReceiver({ isSecure: true });
  const proxy = await startProxy(connects);
  const trigger = await open({ url: `https://127.0.0.2:${receiver.port}/`, tls }, through(proxy.url));
  expect(await trigger.attempt(sampleAttempt())).toEqual({
    outcome: 'retry',
    reason: `the TLS certificate of 127.0.0.2:${receiver.port} is for another name`,
  });
  expect(receiver.requests).toEqual([]);
});

describe('a proxy', () => {
  test('is told its user and password, and nobody else is', async () => {
    const receiver = await startReceiver();
    const proxy = await startProxy(connects, { credentials: 'us%40er:s3%3Acret@' });
    const trigger = await open({ url: receiver.url }, through(proxy.url));
    await trigger.attempt(sampleAttempt());
    const authorization = `Basic ${Buffer.from('us@er:s3:cret').toString('base64')}`;
    expect(proxy.asked).toMatchObject([{ authorization }]);
  });

  const says =
    (answer: string): ProxyBehaviour =>
    (socket) =>
      void socket.write(answer);

  test.each<[string, ProxyBehaviour, string]>([
    [
      'refuses the target',
      says('HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\ns3cret'),
      'answered HTTP 403: it does not connect to',
    ],
    [
      'wants a password',
      says('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
      'answered HTTP 407: it wants a user',
    ],
    ['cannot reach the target', says('HTTP/1.1 502 Bad Gateway\r\n\r\n'), 'answered HTTP 502'],
    ['closes', (socket) => void socket.destroy(), 'connection closed by'],
    ['ends', (socket) => void socket.end(), 'connection closed by'],
    ['speaks something else', says('SSH-2.0-OpenSSH\r\n\r\n'), 'is not HTTP'],
    ['sends headers without end', says(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`), 'are too long'],
  ])('that %s makes a retry that says so, and sends nothing to it', async (_what, behave, saying) => {
    const receiver = await startReceiver();
    const proxy = await startProxy(behave, { credentials: 'user:s3cret@' });
    const trigger = await open({ url: receiver.url }, through(proxy.url));
    const outcome = await trigger.attempt(sampleAttempt({ payload: '"s3cret"' }));
    expect(outcome).toMatchObject({ outcome: 'retry', reason: expect.stringContaining(saying) });
    expect(outcome).toMatchObject({ reason: expect.stringContaining(`the proxy ${proxy.host}`) });
    expect(JSON.stringify(outcome)).not.toContain('s3cret');
    expect(receiver.requests).toEqual([]);
  });

  test('that refuses the target is let go', async () => {
    const proxy = await startProxy(says('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const trigger = await open({ url: 'http://receiver.example/' }, through(proxy.url));
    await trigger.attempt(sampleAttempt());
    const [socket] = proxy.sockets;
    await (socket && once(socket.resume(), 'end'));
  });

  test('that is not there makes a retry that names it', async () => {
    const trigger = await open({ url: 'http://receiver.example/' }, through('http://user:s3cret@127.0.0.1:1'));
    expect(await trigger.attempt(sampleAttempt())).toEqual({
      outcome: 'retry',
      reason: 'connection refused by the proxy 127.0.0.1:1',
    });
  });

  test('that hangs is told of before the attempt is over, and let go', async () => {
    const proxy = await startProxy(() => undefined);
    const clock = new ManualClock();
    const trigger = await open({ url: 'http://receiver.example/' }, through(proxy.url, { clock }));
    const attempting = trigger.attempt(sampleAttempt({ deadlineAt: clock.now() + 1_000 }));
    await vi.waitUntil(() => proxy.sockets.length === 1, { interval: 1 });
    const [socket] = proxy.sockets;
    const letGo = socket && once(socket.resume(), 'end');
    await clock.advance(750);
    expect(await attempting).toEqual({ outcome: 'retry', reason: `no answer from the proxy ${proxy.host}` });
    await letGo;
    expect(clock.sleepers).toEqual([]);
  });

  test.each(['the signal', 'closing'])('that hangs is let go by %s', async (how) => {
    const proxy = await startProxy(() => undefined);
    const controller = new AbortController();
    const trigger = await open({ url: 'http://receiver.example/' }, through(proxy.url));
    const attempting = trigger.attempt(sampleAttempt({ signal: controller.signal }));
    await vi.waitUntil(() => proxy.sockets.length === 1, { interval: 1 });
    const [socket] = proxy.sockets;
    const letGo = socket && once(socket.resume(), 'end');
    if (how === 'closing') await trigger.close?.();
    else controller.abort();
    expect((await attempting).outcome).toBe('retry');
    await letGo;
  });

  test('is not asked for a literal address that may not be reached', async () => {
    const proxy = await startProxy(connects);
    const egress = egressOf({ proxy: proxy.url, refusal: (host) => `${host} may not be reached.` });
    const trigger = await open({ url: 'http://169.254.169.254/' }, { egress });
    expect(await trigger.attempt(sampleAttempt())).toEqual({
      outcome: 'rejected',
      reason: '169.254.169.254 may not be reached.',
    });
    expect(proxy.asked).toEqual([]);
  });

  test.each(['nonsense s3cret', 'socks5://user:s3cret@127.0.0.1', ''])(
    'whose URL is none makes opening fail, without quoting it: %#',
    async (proxy) => {
      const opening = open({ url: 'http://receiver.example/' }, through(proxy));
      await expect(opening).rejects.toThrow('URL of the proxy');
      await expect(opening).rejects.not.toThrow('s3cret');
    },
  );
});

function never(): AbortSignal {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return controller.signal;
}
