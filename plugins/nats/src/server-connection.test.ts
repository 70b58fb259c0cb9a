import { EgressError } from '@aftercommit/registry';
import { ManualClock, sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { describe, expect, test, vi } from 'vitest';
import { type ScriptedServer, saying, scripted } from '../test/scripted-server.js';
import { attemptWith, open, resolvingTo } from '../test/triggers.js';

const subject = 'orders.committed';
const ack = (inbox: string) => `MSG ${inbox} 1 27\r\n{"stream":"orders","seq":1}\r\n`;
const acknowledging = (given: object = {}) =>
  scripted(given, (operation, _socket, inbox) => (operation === 'PING' ? 'PONG\r\n' : ack(inbox)));

describe('what a server says', () => {
  test('in pieces of one byte is understood', async () => {
    const server = await scripted({}, (operation, socket, inbox) => {
      for (const byte of operation === 'PING' ? 'PING\r\n+OK\r\nPONG\r\n' : `PING\r\n${ack(inbox)}`) socket.write(byte);
      return '';
    });
    expect(await attemptWith({ servers: [server.url], subject })).toEqual({ outcome: 'delivered' });
    await vi.waitUntil(() => server.heard.match(/^PONG\r$/gm)?.length === 2, { interval: 1 });
  });

  test.each([
    ['is no protocol of NATS', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['introduces nobody', 'INFO null\r\n'],
    ['is no JSON', 'INFO {"headers":\r\n'],
    ['is a message without a length', 'MSG a 1 x\r\n'],
    ['is a message of a gigabyte', 'MSG a 1 999999999\r\n'],
    ['never comes to the end of a line', 'INFO '.padEnd(128 * 1024 + 10, 'x')],
    ['goes on in the clear where TLS begins', 'INFO {"headers":true,"tls_required":true}\r\n+OK'],
  ])('and %s ends the attempt', async (_title, said) => {
    const server = await saying(said);
    expect(await attemptWith({ servers: [server.url], subject })).toEqual({
      outcome: 'retry',
      reason: `what ${server.url} says is not the protocol of NATS`,
    });
  });

  test.each([
    ["'Authorization Violation'", 'rejected'],
    ["'User Authentication Expired'", 'rejected'],
    ["'Account Authentication Expired'", 'rejected'],
    ["'Authentication Timeout'", 'retry'],
    ["'maximum connections exceeded'", 'retry'],
    [`'${'x'.repeat(5000)}'`, 'retry'],
  ])('as an error is told: %s', async (error, expected) => {
    const server = await scripted({}, (_operation, socket) => {
      socket.end(`-ERR ${error}\r\n`);
      return '';
    });
    const outcome = await attemptWith({ servers: [server.url], subject, token: 't0ken' });
    expect(outcome).toMatchObject({ outcome: expected, reason: expect.stringMatching(/^nats:.* said: /) });
    expect(JSON.stringify(outcome).length).toBeLessThan(500);
  });

  test('of other servers of its cluster is not followed', async () => {
    const other = await acknowledging();
    const info = { headers: true, connect_urls: [other.url.replace('nats://', '')] };
    const server = await scripted(info, (operation, socket) => {
      if (operation === 'PING') return `INFO ${JSON.stringify(info)}\r\nPONG\r\n`;
      socket.destroy();
      return '';
    });
    const trigger = await open({ servers: [server.url], subject });
    for (const number of [1, 2]) expect((await trigger.attempt(sampleAttempt({ number }))).outcome).toBe('retry');
    expect([server.connections, other.connections]).toEqual([2, 0]);
  });

  test('that it speaks no TLS keeps everything secret where TLS is configured', async () => {
    const server = await acknowledging();
    const servers = [server.url.replace('nats:', 'tls:')];
    expect(await attemptWith({ servers, subject, token: 't0ken' })).toEqual({
      outcome: 'rejected',
      reason: expect.stringContaining('does not offer TLS'),
    });
    expect(server.heard).toBe('');
  });

  test('that it takes no headers is told', async () => {
    const server = await acknowledging({ headers: false });
    expect(await attemptWith({ servers: [server.url], subject })).toMatchObject({ outcome: 'rejected' });
  });
});

describe('of several servers', () => {
  const working = (server: ScriptedServer, other: ScriptedServer) => [server.url, other.url];

  test('the next one is tried when one refuses the connection, and kept', async () => {
    const server = await acknowledging();
    const trigger = await open({ servers: ['nats://127.0.0.1:1', server.url], subject });
    for (const number of [1, 2, 3]) {
      expect(await trigger.attempt(sampleAttempt({ number }))).toEqual({ outcome: 'delivered' });
    }
    expect(server.connections).toBe(1);
  });

  test('the next one is tried when one does not answer within its share of the time', async () => {
    const [silent, server] = [await saying(''), await acknowledging()];
    const clock = new ManualClock();
    const trigger = await open({ servers: working(silent, server), subject }, { clock });
    const attempting = trigger.attempt(sampleAttempt({ deadlineAt: clock.now() + 30_000 }));
    expect((await clock.nextSleep()).durationMs).toBe(15_000);
    await clock.advance(15_000);
    expect(await attempting).toEqual({ outcome: 'delivered' });
    expect(clock.sleepers).toEqual([]);
  });

  test('the next attempt begins with another one when one acknowledges nothing', async () => {
    const [mute, server] = [
      await scripted({}, (operation) => (operation === 'PING' ? 'PONG\r\n' : '')),
      await acknowledging(),
    ];
    const trigger = await open({ servers: working(mute, server), subject });
    const controller = new AbortController();
    const attempting = trigger.attempt(sampleAttempt({ signal: controller.signal }));
    await vi.waitUntil(() => mute.heard.includes('HPUB'), { interval: 1 });
    controller.abort();
    expect((await attempting).outcome).toBe('retry');
    expect(await trigger.attempt(sampleAttempt({ number: 2 }))).toEqual({ outcome: 'delivered' });
  });

  test('each that failed is named', async () => {
    const servers = ['nats://127.0.0.1:1', 'nats://127.0.0.1:2'];
    expect(await attemptWith({ servers, subject })).toEqual({
      outcome: 'retry',
      reason: 'connection refused by nats://127.0.0.1:1; connection refused by nats://127.0.0.1:2',
    });
  });
});

describe('what the operator allows', () => {
  test('is asked before a literal address is connected to', async () => {
    const server = await acknowledging();
    const egress = { ...sampleEnvironment().egress, refusal: (host: string) => `${host} is not allowed.` };
    expect(await attemptWith({ servers: [server.url], subject }, {}, { egress })).toEqual({
      outcome: 'rejected',
      reason: '127.0.0.1 is not allowed.',
    });
    expect(server.connections).toBe(0);
  });

  test('is asked when a name is resolved, and only names that are configured are', async () => {
    const server = await acknowledging();
    const { egress, asked } = resolvingTo('127.0.0.1');
    const servers = [server.url.replace('127.0.0.1', 'nats.example.com')];
    expect(await attemptWith({ servers, subject }, {}, { egress })).toEqual({ outcome: 'delivered' });
    expect(asked).toEqual(['nats.example.com']);
    const refusing: typeof egress = {
      refusal: () => undefined,
      lookup: (_name, _options, callback) => callback(new EgressError('It has a private address.'), '', 4),
    };
    expect(await attemptWith({ servers, subject }, {}, { egress: refusing })).toEqual({
      outcome: 'rejected',
      reason: 'It has a private address.',
    });
  });
});

test.each([
  ['before it says anything', ''],
  ['in the middle of TLS', 'INFO {"headers":true,"tls_required":true}\r\n'],
])('an attempt that is ended while a server is silent %s leaves no connection', async (_title, said) => {
  const server = await saying(said);
  const controller = new AbortController();
  const attempting = attemptWith({ servers: [server.url], subject }, { signal: controller.signal });
  await vi.waitUntil(() => server.connections === 1 && (said === '' || server.heard !== ''), { interval: 1 });
  controller.abort();
  expect((await attempting).outcome).toBe('retry');
  await vi.waitUntil(() => server.ended === 1, { interval: 1 });
});

test('a trigger that is closed ends an attempt, and makes no other connection', async () => {
  const [silent, server] = [await saying(''), await acknowledging()];
  const trigger = await open({ servers: [silent.url, server.url], subject });
  const attempting = trigger.attempt(sampleAttempt());
  await vi.waitUntil(() => silent.connections === 1, { interval: 1 });
  await trigger.close?.();
  expect((await attempting).outcome).toBe('retry');
  expect(server.connections).toBe(0);
});
