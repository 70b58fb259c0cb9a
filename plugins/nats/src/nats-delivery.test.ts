import type { Attempt } from '@aftercommit/registry';
import { sampleAttempt } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { missingNats, type NatsServer, startNats } from '../../../tests/servers/nats-server.js';
import { NatsStreams } from '../../../tests/servers/nats-streams.js';
import { relay, scripted } from '../test/scripted-server.js';
import { attemptWith, open } from '../test/triggers.js';

describe.skipIf(missingNats !== undefined)('a message', () => {
  let server: NatsServer;
  let streams: NatsStreams;
  const subject = 'orders.committed';
  const config = () => ({ servers: [server.url], subject });

  beforeAll(async () => {
    server = await startNats('max_payload: 4096');
    streams = new NatsStreams({ servers: server.url });
  });
  afterAll(() => server.stop());
  beforeEach(() => streams.create({ name: 'orders', subjects: ['orders.>'], storage: 'file' }));

  test('carries the idempotency key as its id, the epoch, a content type, and configured headers', async () => {
    await streams.create({ name: 'orders', subjects: ['stored.orders'] });
    const listener = await streams.front(subject, 'stored.orders');
    await attemptWith({ ...config(), stream: 'orders', headers: { Team: 'Zoë' } }, { epoch: 7n });
    await attemptWith({ ...config(), headers: { 'Content-Type': 'text/plain' } }, { idempotencyKey: 'msg_other' });
    await listener.stop();
    expect(listener.received().map(({ headers }) => headers)).toEqual([
      {
        'Nats-Msg-Id': sampleAttempt().idempotencyKey,
        'Nats-Expected-Stream': 'orders',
        'aftercommit-epoch': '7',
        'content-type': 'application/json',
        Team: 'Zoë',
      },
      { 'Nats-Msg-Id': 'msg_other', 'aftercommit-epoch': '1', 'Content-Type': 'text/plain' },
    ]);
  });

  test('of a test says so', async () => {
    await streams.create({ name: 'orders', subjects: ['stored.orders'] });
    const listener = await streams.front(subject, 'stored.orders');
    await attemptWith(config(), { isTest: true });
    await listener.stop();
    expect(listener.received()[0]?.headers['aftercommit-test']).toBe('true');
  });

  test("is told where it is in the host's trace, when there is one", async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await streams.create({ name: 'orders', subjects: ['stored.orders'] });
    const listener = await streams.front(subject, 'stored.orders');
    await attemptWith(config(), { traceparent });
    await listener.stop();
    const [received] = listener.received();
    expect(received?.headers['traceparent']).toBe(traceparent);
  });

  test('that was stored, and whose acknowledgement was lost, is delivered by the next attempt and stored once', async () => {
    const losses = { left: 1 };
    const between = await relay(server.port, (said) => said.includes('"seq":') && losses.left-- > 0);
    const trigger = await open({ servers: [between.url], subject });
    expect(await trigger.attempt(sampleAttempt())).toEqual({
      outcome: 'retry',
      reason: `connection closed by ${between.url}`,
    });
    expect(await streams.size('orders')).toBe(1);
    expect(await trigger.attempt(sampleAttempt({ number: 2, epoch: 2n }))).toEqual({ outcome: 'delivered' });
    expect(await streams.size('orders')).toBe(1);
  });

  test('is published over the connection of the last one', async () => {
    const between = await relay(server.port, () => false);
    const trigger = await open({ servers: [between.url], subject });
    for (const idempotencyKey of ['msg_a', 'msg_b', 'msg_c']) await trigger.attempt(sampleAttempt({ idempotencyKey }));
    expect(await streams.size('orders')).toBe(3);
    expect(between.connections).toBe(1);
  });

  test('that no stream listens to may be delivered later', async () => {
    await streams.delete('orders');
    const trigger = await open(config());
    expect(await trigger.attempt(sampleAttempt())).toMatchObject({
      outcome: 'retry',
      reason: expect.stringContaining('no stream listens to "orders.committed"'),
    });
    await streams.create({ name: 'orders', subjects: ['orders.>'] });
    expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
  });

  test.each<[string, object, object, Partial<Attempt>, string, RegExp]>([
    ['the stream is full', { max_msgs: 1, discard: 'new' }, {}, {}, 'retry', /maximum messages exceeded \(10077\)$/],
    ['it is longer than the stream takes', { max_msg_size: 10 }, {}, {}, 'rejected', /max_msg_size of the stream/],
    ['another stream takes it', {}, { stream: 'invoices' }, {}, 'rejected', /expected stream does not match/],
    ['the stream is sealed', { sealed: true }, {}, {}, 'rejected', /The stream is sealed/],
    [
      'it is longer than the server takes',
      {},
      {},
      { payload: `"${'x'.repeat(4096)}"` },
      'rejected',
      /and .* takes 4096/,
    ],
  ])('is not delivered where %s', async (_title, limits, given, attempt, outcome, reason) => {
    await streams.create({ name: 'orders', subjects: ['orders.>'] });
    await attemptWith(config(), { idempotencyKey: 'msg_first' });
    await streams.update('orders', limits);
    expect(await attemptWith({ ...config(), ...given }, attempt)).toEqual({
      outcome,
      reason: expect.stringMatching(reason),
    });
  });

  test('that a service answers before a stream does is delivered when the stream has it', async () => {
    const service = await streams.listen(subject, '{"fine":true}');
    expect(await attemptWith(config())).toEqual({ outcome: 'delivered' });
    expect(await streams.size('orders')).toBe(1);
    await service.stop();
  });

  test('that only a service answers is not delivered', async () => {
    await streams.delete('orders');
    const service = await streams.listen(subject, '+OK');
    const controller = new AbortController();
    const attempting = attemptWith(config(), { signal: controller.signal });
    await vi.waitUntil(() => service.received().length === 1, { interval: 1 });
    controller.abort();
    expect((await attempting).outcome).toBe('retry');
    await service.stop();
  });

  describe('whose server', () => {
    test('is down when the trigger is opened is delivered when it is up', async () => {
      await server.kill();
      const trigger = await open(config());
      expect(await trigger.attempt(sampleAttempt())).toEqual({
        outcome: 'retry',
        reason: `connection refused by ${server.url}`,
      });
      await server.start();
      expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    });

    test('was restarted between attempts is delivered over another connection', async () => {
      const trigger = await open(config());
      await trigger.attempt(sampleAttempt());
      await server.kill();
      await server.start();
      expect(await trigger.attempt(sampleAttempt({ idempotencyKey: 'msg_b' }))).toEqual({ outcome: 'delivered' });
    });

    test('is killed in the middle of an attempt is delivered by the next one, and stored once', async () => {
      const trigger = await open(config());
      await trigger.attempt(sampleAttempt({ idempotencyKey: 'msg_before' }));
      await server.freeze();
      const attempting = trigger.attempt(sampleAttempt());
      await server.kill();
      expect(await attempting).toEqual({ outcome: 'retry', reason: `connection closed by ${server.url}` });
      await server.start();
      expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
      expect(await streams.size('orders')).toBe(2);
    });

    test('stands still is given up at the end of the attempt, also when it never said a word', async () => {
      const [connected, unconnected] = [await open(config()), await open(config())];
      await connected.attempt(sampleAttempt({ idempotencyKey: 'msg_before' }));
      await server.freeze();
      for (const trigger of [connected, unconnected]) {
        const controller = new AbortController();
        const attempting = trigger.attempt(sampleAttempt({ signal: controller.signal, deadlineAt: 0 }));
        controller.abort();
        expect(await attempting).toEqual({
          outcome: 'retry',
          reason: `no acknowledgement from ${server.url} within the timeout`,
        });
      }
      server.thaw();
      for (const trigger of [connected, unconnected]) {
        expect(await trigger.attempt(sampleAttempt({ number: 2 }))).toEqual({ outcome: 'delivered' });
      }
      expect(await streams.size('orders')).toBe(2);
    });
  });

  test('of an attempt that was given up gets no answer that is taken for that of the next one', async () => {
    const inboxes: string[] = [];
    const late = await scripted({}, (operation, socket, inbox) => {
      if (operation === 'PING') return 'PONG\r\n';
      inboxes.push(inbox);
      const ack = '{"stream":"orders","seq":1}';
      // The second time, for the first message.
      if (inboxes.length === 2) socket.write(`MSG ${inboxes[0]} 1 ${ack.length}\r\n${ack}\r\n`);
      return '';
    });
    const trigger = await open({ servers: [late.url], subject });
    for (const number of [1, 2]) {
      const controller = new AbortController();
      const attempting = trigger.attempt(sampleAttempt({ number, signal: controller.signal }));
      await vi.waitUntil(() => inboxes.length === number, { interval: 1 });
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      expect((await attempting).outcome).toBe('retry');
    }
    expect(late.connections).toBe(2);
  });
});
