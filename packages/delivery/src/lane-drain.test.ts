import type { AttemptOutcome } from '@aftercommit/registry';
import { hang } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { DeliveryBench, parkInStore, stuckBench, triggerConfig, windowOf } from '../test/delivery-bench.js';

const unavailable: AttemptOutcome = { outcome: 'retry', reason: 'HTTP 503' };
const delivered: AttemptOutcome = { outcome: 'delivered' };
const parks = { name: 'one', onFailure: 'park' };
const hour = 3_600_000;

/** Begins to drain, and tells whether that is done. */
function draining(bench: DeliveryBench, options: { intervals?: boolean } = {}): { isDone: boolean } {
  const state = { isDone: false };
  void bench.lanes.drained(() => false, options).then(() => (state.isDone = true));
  return state;
}

describe('the end of the sources', () => {
  it('waits until everything due is delivered or parked', async () => {
    const bench = await stuckBench({ onFailure: 'park', maxAttempts: 2 });
    const end = draining(bench);
    await bench.clock.advance(999);
    expect(end.isDone).toBe(false);
    await bench.clock.advance(1);
    expect(end.isDone).toBe(true);
    expect(await bench.held()).toEqual({ queue: [], parked: [1] });
  });

  it('unites what waits and was not tried', async () => {
    const bench = await stuckBench({ onFailure: 'park', maxAttempts: 2 });
    await bench.deliver(windowOf(2), windowOf(3), windowOf(4));
    const end = draining(bench);
    await bench.settle();
    expect((await bench.held()).queue).toEqual([1, 9]);
    await bench.clock.advance(60_000);
    expect(end.isDone).toBe(true);
    expect(await bench.held()).toEqual({ queue: [], parked: [1, 9] });
    expect(new Set(bench.kind.attempts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
  });

  it('unites what waits while the first attempt goes on', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [hang, delivered]);
    await bench.open(triggerConfig('a', parks));
    await bench.deliver(windowOf(1), windowOf(2), windowOf(3));
    draining(bench);
    await bench.settle();
    expect((await bench.held()).queue).toEqual([1, 5]);
  });

  it('unites nothing with what was replayed', async () => {
    const bench = await stuckBench({ onFailure: 'park', maxAttempts: 1 });
    bench.kind.respond('a', [hang, delivered]);
    await bench.deliver(windowOf(2), windowOf(3), windowOf(4));
    await bench.ask({ request: 'replay', outbox: 'one', keys: 'all' });
    draining(bench);
    await bench.settle();
    expect((await bench.held()).queue).toEqual([2, 1, 7]);
  });

  it('unites what an earlier session left in a trigger that blocks, but not what that may have tried', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.commit(windowOf(1), windowOf(2), windowOf(3));
    await bench.close();
    await bench.open(triggerConfig('a', { name: 'one' }));
    bench.lanes.acknowledged();
    const end = draining(bench);
    await bench.settle();
    expect(end.isDone).toBe(true);
    expect(bench.attempted).toEqual([1, 5]);
  });

  it('leaves what waits for its interval, in as many windows as there are, also while others are waited for', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('b', [hang]);
    await bench.open([
      ...triggerConfig('a', { ...parks, interval: '1h' }),
      ...triggerConfig('b', { name: 'two', onFailure: 'park', maxAttempts: 1 }),
    ]);
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(3), windowOf(4), windowOf(5));
    const end = draining(bench);
    await bench.settle();
    expect(end.isDone).toBe(false);
    expect((await bench.held()).queue).toEqual([3, 4, 5]);
    await bench.clock.advance(60_000);
    expect(end.isDone).toBe(true);
    expect(bench.lanes.waiting).toEqual({ one: 3 });
  });

  it.each(['park', 'block'])(
    'waits for intervals, too, when that is wanted and the policy is %s',
    async (onFailure) => {
      const bench = new DeliveryBench();
      await bench.open(triggerConfig('a', { name: 'one', onFailure, interval: '1h' }));
      await bench.deliver(windowOf(1));
      await bench.deliver(windowOf(2), windowOf(3));
      const end = draining(bench, { intervals: true });
      await bench.clock.advance(hour - 1);
      expect(end.isDone).toBe(false);
      await bench.clock.advance(1);
      expect(end.isDone).toBe(true);
      expect(bench.attempted).toEqual([1, 5]);
    },
  );

  it('waits for what a person had replayed meanwhile', async () => {
    const bench = await stuckBench({ onFailure: 'park', maxAttempts: 1 });
    bench.kind.respond('a', [hang]);
    bench.lanes.ask('one', { request: 'replay', keys: 'all', messageKey: 'mailbox/1' });
    const end = draining(bench);
    await bench.settle();
    expect(end.isDone).toBe(false);
    await bench.clock.advance(30_000);
    expect(end.isDone).toBe(true);
    expect(await bench.held()).toEqual({ queue: [], parked: [1] });
  });

  it('is given up when the session is over', async () => {
    const bench = await stuckBench({ onFailure: 'park' });
    let isOver = false;
    const drained = bench.lanes.drained(() => isOver, {});
    isOver = true;
    await bench.lanes.stop();
    await drained;
    expect(bench.lanes.waiting).toEqual({ one: 1 });
  });

  it('lets a backlog grow again once it is over', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', parks));
    draining(bench);
    await bench.settle();
    bench.kind.respond('a', [hang]);
    await bench.deliver(windowOf(1), windowOf(2), windowOf(3));
    expect((await bench.held()).queue).toEqual([1, 2, 3]);
  });
});

describe('with a thousand parked the end of the sources', () => {
  async function fullBench(maxAttempts: number): Promise<DeliveryBench> {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [unavailable]);
    const config = triggerConfig('a', { ...parks, maxAttempts });
    await bench.open(config);
    await bench.close();
    await parkInStore(bench, 1_000);
    await bench.open(config);
    return bench;
  }

  it('gives the delivery one more round, and keeps it', async () => {
    const bench = await fullBench(2);
    await bench.deliver(windowOf(1));
    await bench.clock.advance(1_000 + 30_000);
    expect(bench.kind.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
    const end = draining(bench);
    await bench.clock.advance(30_999);
    expect(end.isDone).toBe(false);
    await bench.clock.advance(1);
    expect(end.isDone).toBe(true);
    expect(bench.kind.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 1, 2]);
    expect(bench.lanes.stuck).toEqual(['one']);
    expect(bench.lanes.waiting).toEqual({ one: 1 });
  });

  it('takes the round that goes on for that', async () => {
    const bench = await fullBench(2);
    await bench.deliver(windowOf(1), windowOf(2));
    const end = draining(bench);
    await bench.clock.advance(1_000);
    expect(end.isDone).toBe(true);
    expect(bench.attempted).toEqual([1, 1]);
    expect(bench.lanes.waiting).toEqual({ one: 2 });
  });

  it('waits for the others when the receiver takes it after all', async () => {
    const bench = await fullBench(1);
    await bench.deliver(windowOf(1), windowOf(2));
    bench.kind.respond('a', [delivered]);
    const end = draining(bench, { intervals: true });
    await bench.clock.advance(30_000);
    expect(end.isDone).toBe(true);
    expect(bench.attempted).toEqual([1, 1, 2]);
    expect(bench.lanes.stuck).toEqual([]);
  });

  it('goes on when a person makes room', async () => {
    const bench = await fullBench(1);
    await bench.deliver(windowOf(1), windowOf(2));
    await bench.ask({ request: 'drop', outbox: 'one', keys: ['msg_1000', 'msg_1001'] });
    expect(bench.lanes.stuck).toEqual([]);
    const end = draining(bench);
    await bench.clock.advance(29_999);
    expect(end.isDone).toBe(false);
    await bench.clock.advance(1);
    expect(end.isDone).toBe(true);
    expect((await bench.held()).queue).toEqual([]);
  });
});
