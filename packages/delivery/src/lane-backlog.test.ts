import { WriteBatch } from '@aftercommit/persistence';
import { taskKeys } from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { DeliveryBench, holdWrites, triggerConfig, windowOf } from '../test/delivery-bench.js';

function windows(from: number, to: number): Array<ReturnType<typeof windowOf>> {
  return Array.from({ length: to - from + 1 }, (_, index) => windowOf(from + index));
}

function sum(from: number, to: number): number {
  return ((from + to) * (to - from + 1)) / 2;
}

describe('a backlog beyond its limit', () => {
  it('is united in its newest, and loses nothing', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await bench.deliver(windowOf(1));
    await bench.deliver(...windows(2, 101));
    expect((await bench.outboxes())[0]?.windows).toHaveLength(100);
    await bench.deliver(...windows(102, 150));
    const stored = (await bench.outboxes())[0]?.windows ?? [];
    expect(stored).toHaveLength(100);
    expect(stored.at(-2)?.window).toEqual(windowOf(100));
    expect(stored.at(-1)).toMatchObject({
      place: windowOf(101).run_id,
      window: { run_id: windowOf(101).run_id, docs_total: sum(101, 150) },
    });
    await bench.clock.advance(3_600_000);
    expect(bench.attempted).toEqual([1, sum(2, 150)]);
  });

  it('leaves alone what a receiver may have seen, and waits for the interval all the same', async () => {
    const bench = new DeliveryBench();
    const hourly = triggerConfig('a', { name: 'one', interval: '1h' });
    await bench.open(hourly);
    await bench.deliver(windowOf(1));
    await bench.commit(...windows(2, 105));
    const [outbox] = await bench.outboxes();
    const last = outbox?.windows.at(-1);
    if (outbox === undefined || last === undefined) throw new Error('There is no last window.');
    const { place, ...record } = last;
    await bench.state.write(new WriteBatch().put(taskKeys.window(outbox.id, place), { ...record, maybeSeen: true }));
    await bench.close();
    await bench.open(hourly);
    bench.lanes.acknowledged();
    await bench.settle();
    expect(bench.attempted).toEqual([1]);
    await bench.clock.advance(3_600_000);
    expect(bench.attempted).toEqual([1, sum(2, 104)]);
    await bench.clock.advance(3_600_000);
    expect(bench.attempted).toEqual([1, sum(2, 104), 105]);
    expect(bench.kind.attempts.at(-1)?.idempotencyKey).toBe(last.idempotencyKey);
  });

  it('leaves the delivery that is being tried alone', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.commit(...windows(1, 250));
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }, { outcome: 'delivered' }]);
    bench.lanes.acknowledged();
    await bench.clock.advance(1_000);
    for (let turn = 0; turn < 50; turn += 1) await bench.settle();
    expect(bench.attempted.slice(0, 4)).toEqual([1, 1, 2, 3]);
    expect(bench.attempted).toHaveLength(101);
    expect(bench.attempted.at(-1)).toBe(sum(100, 250));
    expect(new Set(bench.kind.attempts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(100);
  });

  it('is the same after a restart', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await bench.deliver(windowOf(1));
    await bench.deliver(...windows(2, 150));
    await bench.close();
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await bench.deliver(windowOf(151));
    expect((await bench.outboxes())[0]?.windows).toHaveLength(100);
    await bench.clock.advance(3_600_000);
    expect(bench.attempted).toEqual([1, sum(2, 151)]);
  });

  it('is united again when more comes while that is being stored', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await bench.deliver(windowOf(1));
    await bench.commit(...windows(2, 103));
    const late = windows(104, 110);
    await bench.commit(...late);
    const release = holdWrites(bench);
    bench.lanes.acknowledged();
    await bench.settle();
    bench.lanes.add({ runId: windowOf(111).run_id, window: windowOf(111), keys: ['msg_late'] });
    bench.lanes.acknowledged();
    release();
    await bench.settle();
    expect((await bench.outboxes())[0]?.windows).toHaveLength(100);
    expect((await bench.outboxes())[0]?.windows.at(-1)?.window.docs_total).toBe(sum(101, 111));
  });

  it('does not keep a lane awake that is stopped while it is being stored', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await bench.deliver(windowOf(1));
    await bench.commit(...windows(2, 103));
    const release = holdWrites(bench);
    bench.lanes.acknowledged();
    await bench.settle();
    let isStopped = false;
    void bench.lanes.stop().then(() => {
      isStopped = true;
    });
    release();
    await bench.settle();
    expect(isStopped).toBe(true);
    expect(bench.clock.sleepers).toEqual([]);
  });
});
