import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { MemoryStore, WriteBatch } from '@aftercommit/persistence';
import { defineTriggerKind, type Trigger, type TriggerKind } from '@aftercommit/registry';
import { hang } from '@aftercommit/testkit';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { compile, DeliveryBench, materialization, triggerConfig, windowOf } from '../test/delivery-bench.js';
import { isTriggerError } from './trigger-error.js';

const two = [...triggerConfig('slow', { name: 'slow', timeout: '5s' }), ...triggerConfig('fast', { name: 'fast' })];

describe('lanes', () => {
  it('deliver side by side: a slow one delays no other', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('slow', [hang]);
    await bench.open(two);
    await bench.deliver(windowOf(1), windowOf(2), windowOf(3));
    expect(bench.kind.attempts.map(({ target, variables }) => [target, variables.docs_total])).toEqual([
      ['slow', 1],
      ['fast', 1],
      ['fast', 2],
      ['fast', 3],
    ]);
  });

  it('keep what others have done when one fails, and fail with what was first', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('slow', [hang]);
    bench.kind.respond('fast', [{ outcome: 'rejected', reason: 'HTTP 400' }]);
    await bench.open(two);
    await bench.deliver(windowOf(1));
    expect(bench.failures).toMatchObject([{ code: 'DELIVERY_REJECTED', trigger: 'fast' }]);
    const stopped = bench.lanes.stop();
    await bench.clock.advance(5_000);
    await stopped;
    const [slow, fast] = await bench.outboxes();
    expect(slow).toMatchObject({ windows: [{}], delivery: { attempts: 1 } });
    expect(fast).toMatchObject({ windows: [{}], delivery: { rounds: 1 } });
  });

  it('never deliver again what they delivered beside one that failed', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('slow', [{ outcome: 'rejected', reason: 'HTTP 400' }, { outcome: 'delivered' }]);
    await bench.open(two);
    await bench.deliver(windowOf(1));
    await bench.close();
    await bench.open(two);
    await bench.deliver();
    await bench.clock.advance(60_000);
    expect(bench.kind.attempts.map(({ target }) => target)).toEqual(['slow', 'fast', 'slow']);
  });

  it('fire nothing before it is acknowledged', async () => {
    const bench = new DeliveryBench();
    await bench.open(two);
    await bench.commit(windowOf(1));
    await bench.clock.advance(600_000);
    expect(bench.attempted).toEqual([]);
    bench.lanes.acknowledged();
    await bench.commit(windowOf(2));
    await bench.clock.advance(600_000);
    expect(bench.attempted).toEqual([1, 1]);
  });

  it('stage a window without any effect of their own', async () => {
    const bench = new DeliveryBench();
    await bench.open(two);
    const batch = new WriteBatch();
    const staged = bench.lanes.stage(batch, windowOf(1));
    expect(new Set(staged.keys).size).toBe(2);
    expect([...batch.changes.keys()]).toEqual([...batch.requiredAbsent]);
    bench.lanes.acknowledged();
    await bench.settle();
    expect(bench.attempted).toEqual([]);
    expect((await bench.outboxes()).flatMap(({ windows }) => windows)).toEqual([]);
  });

  it('refuse to overwrite a window', async () => {
    const bench = new DeliveryBench();
    await bench.open(two);
    await bench.commit(windowOf(1));
    await expect(bench.commit(windowOf(1))).rejects.toMatchObject({ code: 'STORE_KEY_EXISTS' });
  });

  it('are settled when nothing is left to deliver', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('slow', [hang, { outcome: 'delivered' }]);
    await bench.open(two);
    await bench.deliver(windowOf(1));
    let isSettled = false;
    const settled = bench.lanes
      .settled(() => false)
      .then(() => {
        isSettled = true;
      });
    await bench.clock.advance(5_000);
    expect(isSettled).toBe(false);
    await bench.clock.advance(1_000);
    await settled;
    expect((await bench.outboxes()).flatMap(({ windows }) => windows)).toEqual([]);
  });

  it('let a kind change nothing of what other triggers see', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('slow', [
      ({ variables }) => {
        variables.docs_total = 99;
        return { outcome: 'delivered' };
      },
    ]);
    await bench.open(two);
    await bench.deliver(windowOf(1));
    expect(bench.kind.attempts.find(({ target }) => target === 'fast')?.variables).toEqual(windowOf(1));
  });
});

describe('a kind that cannot', () => {
  const opened: string[] = [];
  const closed: string[] = [];
  const fragile = (fails: 'open' | 'close'): TriggerKind =>
    defineTriggerKind({
      contractVersion: 1,
      kind: 'scripted',
      configSchema: Type.Object({
        target: Type.String(),
        token: Type.Optional(Type.String({ secret: true })),
      }),
      describeTarget: ({ target }) => target,
      async open({ target, token }): Promise<Trigger> {
        if (fails === 'open' && target === 'broken') throw new Error(`no key in ${token}`);
        opened.push(target);
        return {
          attempt: async () => ({ outcome: 'delivered' }),
          async close() {
            if (fails === 'close' && target === 'broken') throw new Error(`no end of ${token}`);
            closed.push(target);
          },
        };
      },
    });
  const config = [
    ...triggerConfig('first', { name: 'first' }),
    ...triggerConfig('broken', { name: 'broken', token: 's3cret-token' }),
    ...triggerConfig('last', { name: 'last' }),
  ];

  it('open a trigger closes those that were opened, and says no secret', async () => {
    opened.length = 0;
    closed.length = 0;
    const failure: unknown = await new DeliveryBench().open(config, fragile('open')).catch((error: unknown) => error);
    expect(isTriggerError(failure) && failure).toMatchObject({
      code: 'TRIGGER_NOT_OPENED',
      trigger: 'broken',
      message: expect.stringContaining('no key in [redacted]'),
    });
    expect(failure).not.toHaveProperty('cause');
    expect([opened, closed]).toEqual([['first'], ['first']]);
  });

  it.each(['open', 'close'] as const)('%s a trigger passes on nothing but a scrubbed message', async (moment) => {
    const throwing = async (): Promise<never> => {
      const inner = Object.assign(new Error('no s3cret-token'), { config: { token: 's3cret-token' } });
      throw Object.assign(new AggregateError([inner], 'both s3cret-token', { cause: inner }), { request: inner });
    };
    const kind = { ...fragile('open'), open: throwing };
    const open = async () => ({ attempt: async () => ({ outcome: 'delivered' as const }), close: throwing });
    const bench = new DeliveryBench();
    const one = triggerConfig('a', { name: 'a', token: 'Bearer s3cret-token' });
    const failure: unknown = await bench
      .open(one, moment === 'open' ? kind : { ...kind, open })
      .then(async () => await bench.lanes.stop())
      .then(async () => await bench.lanes.close())
      .catch((error: unknown) => error);
    expect(isTriggerError(failure) && failure.message).toContain('both [redacted]');
    expect(inspect(failure, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('s3cret');
  });

  it('give each kind a logger that lets no secret through, and say what they say themselves as it is', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'a', token: 'a' }), {
      ...fragile('close'),
      open: async (_config, { logger }) => {
        logger.warn('my token is a');
        return { attempt: async () => ({ outcome: 'delivered' }) };
      },
    });
    bench.lanes.ask('a', { request: 'drop', keys: ['a'], messageKey: 'mailbox/1' });
    await bench.deliver(windowOf(1));
    expect(bench.warnings).toEqual([
      'my token is [redacted]',
      'acme/orders: trigger "a": there is nothing to drop under a.',
    ]);
  });

  it.each([
    ['never settles', () => new Promise<never>(() => undefined), 'it did not answer within 30s'],
    ['returns nothing', async () => undefined as never, 'its kind returned nothing that can make an attempt'],
  ])('open a trigger whose kind %s is refused', async (_, open, reason) => {
    const bench = new DeliveryBench();
    const opening = bench.open(config, { ...fragile('open'), open }).catch((error: unknown) => error);
    await bench.clock.advance(30_000);
    expect(await opening).toMatchObject({ code: 'TRIGGER_NOT_OPENED', message: expect.stringContaining(reason) });
  });

  it('close a trigger whose kind never settles is given up after its timeout', async () => {
    const bench = new DeliveryBench();
    const open = async () => ({
      attempt: async () => ({ outcome: 'delivered' as const }),
      close: () => new Promise<never>(() => undefined),
    });
    await bench.open(triggerConfig('a', { name: 'a', timeout: '5s' }), { ...fragile('open'), open });
    await bench.lanes.stop();
    const closing = bench.lanes.close().catch((error: unknown) => error);
    await bench.clock.advance(5_000);
    expect(await closing).toMatchObject({ code: 'TRIGGER_NOT_CLOSED', message: expect.stringContaining('within 5s') });
  });

  it('close a trigger keeps no other from being closed, and says no secret', async () => {
    opened.length = 0;
    closed.length = 0;
    const bench = new DeliveryBench();
    await bench.open(config, fragile('close'));
    await bench.lanes.stop();
    const failure: unknown = await bench.lanes.close().catch((error: unknown) => error);
    expect(isTriggerError(failure) && failure).toMatchObject({
      code: 'TRIGGER_NOT_CLOSED',
      trigger: 'broken',
      message: expect.stringContaining('no end of [redacted]'),
    });
    expect(closed).toEqual(['first', 'last']);
  });
});

it('listens once for the loss of the session, however many triggers there are', async () => {
  const bench = new DeliveryBench();
  const targets = Array.from({ length: 25 }, (_, index) => `t${index}`);
  for (const target of targets) bench.kind.respond(target, [hang]);
  await bench.open(targets.flatMap((target) => triggerConfig(target, { name: target })));
  await bench.deliver(windowOf(1));
  expect(bench.kind.attempts).toHaveLength(25);
  expect(getEventListeners(bench.state.lost, 'abort')).toHaveLength(1);
});

it('opens nothing of a store for a configuration without triggers', async () => {
  const store = new MemoryStore();
  const bench = new DeliveryBench();
  bench.store = store;
  await bench.open([]);
  await bench.deliver(windowOf(1));
  expect(await store.read(materialization)).toEqual([]);
  expect(compile([])).toEqual([]);
  await bench.close();
});
