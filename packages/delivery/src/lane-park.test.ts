import { lastDelivered } from '@aftercommit/persistence/records';
import type { AttemptOutcome } from '@aftercommit/registry';
import { hang } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import {
  DeliveryBench,
  parkedBench,
  parkInStore,
  stuckBench,
  triggerConfig,
  windowOf,
} from '../test/delivery-bench.js';

const unavailable: AttemptOutcome = { outcome: 'retry', reason: 'HTTP 503' };
const delivered: AttemptOutcome = { outcome: 'delivered' };
const refused: AttemptOutcome = { outcome: 'rejected', reason: 'HTTP 400' };
const parks = { name: 'one', onFailure: 'park' };
const startedAt = Date.UTC(2024, 0, 1);

describe('a trigger that parks', () => {
  it('sets an exhausted delivery aside with what happened, and goes on at once', async () => {
    const bench = await stuckBench({ onFailure: 'park', maxAttempts: 2, token: 's3cret-token' });
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503, echoed s3cret-token' }, delivered]);
    await bench.deliver(windowOf(2));
    await bench.clock.advance(1_000);
    expect(bench.attempted).toEqual([1, 1, 2]);
    expect(bench.failures).toEqual([]);
    const [outbox] = await bench.outboxes();
    expect(outbox).toMatchObject({ windows: [], delivery: undefined });
    expect(outbox?.parked).toEqual([
      {
        idempotencyKey: bench.kind.attempts[0]?.idempotencyKey,
        window: windowOf(1),
        parkedAt: startedAt + 1_000,
        failingSinceAt: startedAt,
        attempts: 2,
        outcome: 'exhausted',
        reason: 'HTTP 503, echoed [redacted]',
      },
    ]);
  });

  it('sets a rejected delivery aside after its first attempt', async () => {
    const bench = await parkedBench([1]);
    expect((await bench.outboxes())[0]).toMatchObject({
      windows: [],
      delivery: undefined,
      parked: [
        { attempts: 1, outcome: 'rejected', reason: 'HTTP 400', failingSinceAt: startedAt, parkedAt: startedAt },
      ],
    });
  });

  it('tells the attempt, and then that it was parked', async () => {
    const bench = await parkedBench([1]);
    const idempotencyKey = bench.kind.attempts[0]?.idempotencyKey;
    const about = { trigger: 'one', runId: windowOf(1).run_id, idempotencyKey, attempt: 1 };
    expect(bench.events).toEqual([
      { event: 'attempt', ...about, durationMs: 0, outcome: 'rejected', reason: 'HTTP 400' },
      { event: 'parked', ...about, outcome: 'rejected', reason: 'HTTP 400' },
    ]);
  });

  it('changes the store once for that', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [refused]);
    await bench.open(triggerConfig('a', parks));
    await bench.commit(windowOf(1));
    const sizes: number[] = [];
    const { state } = bench;
    const write = state.write.bind(state);
    state.write = async (batch) => {
      sizes.push(batch.changes.size);
      await write(batch);
    };
    bench.lanes.acknowledged();
    await bench.settle();
    expect(sizes).toEqual([2]);
  });

  it('is parked, though an observer throws when it is told', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [refused]);
    bench.observe = () => {
      throw new Error('observer');
    };
    await bench.open(triggerConfig('a', parks));
    await bench.deliver(windowOf(1));
    expect(bench.failures).toEqual([new Error('observer')]);
    expect(await bench.held()).toEqual({ queue: [], parked: [1] });
  });

  it('holds up no commit, while one that blocks does', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [hang]);
    bench.kind.respond('b', [unavailable, delivered]);
    await bench.open([...triggerConfig('a', parks), ...triggerConfig('b', { name: 'two' })]);
    await bench.deliver(windowOf(1));
    let isSettled = false;
    void bench.lanes.settled(() => false).then(() => (isSettled = true));
    await bench.clock.advance(999);
    expect(isSettled).toBe(false);
    await bench.clock.advance(1);
    expect(isSettled).toBe(true);
    expect(bench.lanes.waiting).toEqual({ one: 1 });
  });

  it('keeps what is parked over restarts, and gives the next delivery all its attempts', async () => {
    const bench = await stuckBench({ onFailure: 'park', maxAttempts: 2 });
    await bench.clock.advance(1_000);
    await bench.close();
    await bench.open(triggerConfig('a', { ...parks, maxAttempts: 2 }));
    await bench.deliver(windowOf(2));
    await bench.clock.advance(1_000);
    expect(bench.kind.attempts.map(({ number }) => number)).toEqual([1, 2, 1, 2]);
    expect(await bench.held()).toEqual({ queue: [], parked: [1, 2] });
    expect(bench.lanes.parked).toEqual({ one: 2 });
  });

  it('waits for its interval before the next one', async () => {
    const bench = await parkedBench([1, 2], { interval: '1h' });
    await bench.deliver(windowOf(3));
    expect(await bench.held()).toEqual({ queue: [2, 3], parked: [1] });
    await bench.clock.advance(3_600_000);
    expect(await bench.held()).toEqual({ queue: [], parked: [1, 5] });
  });

  it('unites what waits beyond the backlog, also while an attempt or a wait goes on', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [hang, unavailable]);
    await bench.open(triggerConfig('a', { ...parks, timeout: '5s', maxAttempts: 9 }));
    for (let number = 1; number <= 120; number += 1) await bench.commit(windowOf(number));
    bench.lanes.acknowledged();
    await bench.settle();
    expect((await bench.held()).queue).toHaveLength(100);
    await bench.clock.advance(5_000);
    await bench.deliver(windowOf(121), windowOf(122));
    expect((await bench.held()).queue).toHaveLength(100);
    expect((await bench.held()).queue.reduce((sum, docs) => sum + docs)).toBe((122 * 123) / 2);
    expect(bench.attempted).toEqual([1]);
  });

  it('takes its parked ones along when its policy becomes block', async () => {
    const bench = await parkedBench([1]);
    await bench.close();
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.deliver(windowOf(2));
    expect(bench.failures).toMatchObject([{ code: 'DELIVERY_REJECTED' }]);
    expect(await bench.held()).toEqual({ queue: [2], parked: [1] });
  });
});

it('how deliveries ended is remembered, with their times', async () => {
  const bench = new DeliveryBench();
  await bench.open(triggerConfig('a', parks));
  await bench.deliver(windowOf(1));
  await bench.clock.advance(60_000);
  await bench.deliver(windowOf(2));
  const done = await bench.done('000001');
  const delivered = { ended: 'delivered', attempts: 1 };
  expect(done).toEqual([
    { ...delivered, runId: windowOf(1).run_id, at: startedAt, docsTotal: 1 },
    { ...delivered, runId: windowOf(2).run_id, at: startedAt + 60_000, docsTotal: 2 },
  ]);
  expect(lastDelivered(done)?.runId).toBe(windowOf(2).run_id);
});

describe('a thousand that are parked', () => {
  async function fullBench(given: Record<string, string | number> = {}, count = 1_000): Promise<DeliveryBench> {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [unavailable]);
    await bench.open(triggerConfig('a', { ...parks, ...given }));
    await bench.close();
    await parkInStore(bench, count);
    await bench.open(triggerConfig('a', { ...parks, ...given }));
    return bench;
  }

  it('are the most: the next delivery is tried every 30 s, and that is said once', async () => {
    const bench = await fullBench({ maxAttempts: 2 }, 999);
    await bench.deliver(windowOf(1), windowOf(2));
    await bench.clock.advance(1_000);
    expect((await bench.held()).queue).toEqual([2]);
    await bench.clock.advance(1_000);
    await bench.clock.advance(90_000);
    const at = bench.kind.attempts.slice(2).map((attempt) => [attempt.number, attempt.at - startedAt]);
    expect(at).toEqual([
      [1, 1_000],
      [2, 2_000],
      [3, 32_000],
      [4, 62_000],
      [5, 92_000],
    ]);
    expect((await bench.outboxes())[0]?.parked).toHaveLength(1_000);
    expect(bench.events.at(-1)).toMatchObject({ event: 'attempt', attempt: 5, nextAttemptInMs: 30_000 });
    expect(bench.warnings).toEqual([expect.stringMatching(/^acme\/orders: trigger "one": 1000 deliveries are parked/)]);
    expect(bench.lanes.stuck).toEqual(['one']);
    expect(bench.failures).toEqual([]);
  });

  it('hold a rejected one, too', async () => {
    const bench = await fullBench();
    bench.kind.respond('a', [refused]);
    await bench.deliver(windowOf(1));
    expect(bench.lanes.stuck).toEqual(['one']);
    await bench.clock.advance(29_999);
    expect(bench.attempted).toHaveLength(1);
    await bench.clock.advance(1);
    expect(bench.attempted).toHaveLength(2);
  });

  it('unite what waits behind the one being tried', async () => {
    const bench = await fullBench({ maxAttempts: 1 });
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2), windowOf(3));
    await bench.deliver(windowOf(4));
    expect((await bench.held()).queue).toEqual([1, 9]);
    bench.kind.respond('a', [delivered]);
    await bench.clock.advance(30_000);
    expect(bench.attempted).toEqual([1, 1, 9]);
    expect(bench.lanes.stuck).toEqual([]);
  });

  it('make it wait as long as the receiver asks for', async () => {
    const bench = await fullBench({ maxAttempts: 1 });
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 429', retryAfterMs: 120_000 }]);
    await bench.deliver(windowOf(1));
    await bench.clock.advance(119_999);
    expect(bench.attempted).toHaveLength(1);
    await bench.clock.advance(1);
    expect(bench.attempted).toHaveLength(2);
  });

  it('are waited out by a restart, which begins a new round', async () => {
    const bench = await fullBench({ maxAttempts: 2 });
    await bench.deliver(windowOf(1));
    await bench.clock.advance(1_000);
    await bench.close();
    await bench.clock.advance(10_000);
    await bench.open(triggerConfig('a', { ...parks, maxAttempts: 2 }));
    await bench.deliver();
    await bench.clock.advance(19_999);
    expect(bench.attempted).toHaveLength(2);
    await bench.clock.advance(1);
    expect(bench.kind.attempts.map(({ number }) => number)).toEqual([1, 2, 1]);
  });

  it('make room again when a person drops one', async () => {
    const bench = await fullBench({ maxAttempts: 1 });
    await bench.deliver(windowOf(1));
    await bench.ask({ request: 'drop', outbox: 'one', keys: ['msg_1000'] });
    await bench.clock.advance(30_000);
    expect((await bench.held()).queue).toEqual([]);
    expect((await bench.outboxes())[0]?.parked).toHaveLength(1_000);
    expect((await bench.outboxes())[0]?.parked.at(-1)).toMatchObject({ attempts: 2, window: windowOf(1) });
  });
});
