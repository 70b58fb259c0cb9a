import { readFileSync } from 'node:fs';
import { FaultyStore } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { DeliveryBench, hourlyBench, triggerConfig, windowOf } from '../test/delivery-bench.js';

type Step = { commit?: string; at: number; fires: [string, string] | null; runIdOf?: string };

const vectors = JSON.parse(readFileSync(new URL('../../models/vectors/variables.json', import.meta.url), 'utf8')) as {
  window: Array<{ interval: number | null; steps: Step[] }>;
};

const hour = 3_600_000;

describe('an interval', () => {
  it.each(vectors.window)('follows the vector of $interval s', async ({ interval, steps }) => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', interval === null ? {} : { interval: `${interval}s` }));
    let now = 0;
    let number = 0;
    const runIds = new Map<string, string>();
    for (const { commit, at, fires, runIdOf } of steps) {
      const before = bench.kind.attempts.length;
      await bench.clock.advance((at - now) * 1_000);
      now = at;
      if (commit !== undefined) {
        number += 1;
        const window = windowOf(number, { flow_published_at_min: commit, flow_published_at_max: commit });
        runIds.set(commit, window.run_id);
        await bench.deliver(window);
      }
      const fired = bench.kind.attempts.slice(before).map(({ variables }) => variables);
      expect(fired.map((window) => [window.flow_published_at_min, window.flow_published_at_max])).toEqual(
        fires === null ? [] : [fires],
      );
      if (runIdOf !== undefined) expect(fired[0]?.run_id).toBe(runIds.get(runIdOf));
    }
  });

  it('fires at once after a pause, and unites what commits until it has passed', async () => {
    const bench = await hourlyBench();
    await bench.deliver(windowOf(1));
    for (const number of [2, 3, 4]) await bench.deliver(windowOf(number));
    await bench.clock.advance(hour - 1);
    expect(bench.attempted).toEqual([1]);
    await bench.clock.advance(1);
    expect(bench.attempted).toEqual([1, 2 + 3 + 4]);
    await bench.clock.advance(10 * hour);
    await bench.deliver(windowOf(5));
    expect(bench.attempted).toEqual([1, 9, 5]);
  });

  it('keeps the key and run id of the first of a union', async () => {
    const bench = await hourlyBench();
    await bench.deliver(windowOf(1), windowOf(2), windowOf(3));
    const [outbox] = await bench.outboxes();
    expect(outbox?.windows).toEqual([]);
    expect(bench.kind.attempts[0]?.variables).toMatchObject({ run_id: windowOf(1).run_id, docs_total: 6 });
    const other = new DeliveryBench();
    await other.open(triggerConfig('a', { name: 'one' }));
    await other.deliver(windowOf(1));
    expect(bench.kind.attempts[0]?.idempotencyKey).toBe(other.kind.attempts[0]?.idempotencyKey);
  });

  it('takes durably before the first attempt', async () => {
    const bench = await hourlyBench();
    let stored: unknown;
    bench.kind.respond('a', [
      async () => {
        [stored] = await bench.outboxes();
        return { outcome: 'delivered' };
      },
    ]);
    await bench.deliver(windowOf(1), windowOf(2));
    expect(stored).toMatchObject({
      windows: [{ window: { docs_total: 3 } }],
      delivery: { rounds: 0, attempts: 0 },
      lastFired: { at: bench.clock.now() },
    });
  });

  it('is attempted by nobody when the take cannot be stored', async () => {
    const bench = new DeliveryBench();
    const faulty = new FaultyStore(bench.store);
    bench.store = faulty;
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await bench.commit(windowOf(1), windowOf(2));
    faulty.loseNext('lost-request');
    bench.lanes.acknowledged();
    await bench.settle();
    expect(bench.failures).toMatchObject([{ code: 'STORE_UNAVAILABLE' }]);
    expect(bench.attempted).toEqual([]);
    expect((await bench.outboxes())[0]?.windows).toHaveLength(2);
  });

  it('never unites what is being tried with what commits meanwhile', async () => {
    const bench = await hourlyBench({ maxAttempts: 9 });
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }, { outcome: 'delivered' }]);
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2), windowOf(3));
    await bench.clock.advance(2 * hour);
    expect(bench.attempted).toEqual([1, 1, 5]);
  });

  it('blocks no commit while it is waited for, and does while its delivery is under way', async () => {
    const bench = await hourlyBench({ maxAttempts: 9 });
    const settled = (): Promise<boolean> => {
      let isSettled = false;
      void bench.lanes
        .settled(() => false)
        .then(() => {
          isSettled = true;
        });
      return bench.settle().then(() => isSettled);
    };
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2));
    expect(await settled()).toBe(true);
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }]);
    await bench.clock.advance(hour);
    expect(await settled()).toBe(false);
  });

  it('tells once that something waits, and for how long', async () => {
    const bench = await hourlyBench();
    await bench.deliver(windowOf(1));
    await bench.clock.advance(60_000);
    await bench.deliver(windowOf(2));
    await bench.deliver(windowOf(3));
    const waiting = bench.events.filter(({ event }) => event === 'waiting');
    expect(waiting).toEqual([{ event: 'waiting', trigger: 'one', runId: windowOf(2).run_id, forMs: hour - 60_000 }]);
  });

  it('is slept out, and told once, though timers fire early', async () => {
    const bench = await hourlyBench();
    const { sleep } = bench.clock;
    bench.clock.sleep = (durationMs, signal) =>
      sleep.call(bench.clock, durationMs > 1 ? durationMs - 0.5 : durationMs, signal);
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2));
    await bench.clock.advance(hour);
    expect(bench.attempted).toEqual([1, 2]);
    expect(bench.events.filter(({ event }) => event === 'waiting')).toHaveLength(1);
    expect(bench.kind.attempts[1]?.at).toBe(Date.UTC(2024, 0, 1) + hour);
  });

  it('is neither shortened nor prolonged by a clock that is stepped in the session', async () => {
    for (const stepMs of [-24 * hour, 24 * hour]) {
      const bench = await hourlyBench();
      await bench.deliver(windowOf(1));
      await bench.deliver(windowOf(2));
      bench.clock.step(stepMs);
      await bench.clock.advance(hour - 1);
      expect(bench.attempted).toEqual([1]);
      await bench.clock.advance(1);
      expect(bench.attempted).toEqual([1, 2]);
    }
  });

  it('is measured from take to take, however long the delivery took', async () => {
    const bench = await hourlyBench({ timeout: '50m', maxAttempts: 9 });
    bench.kind.respond('a', [
      async () => {
        await bench.clock.sleep(50 * 60_000);
        return { outcome: 'delivered' };
      },
      { outcome: 'delivered' },
    ]);
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2));
    await bench.clock.advance(hour);
    expect(bench.kind.attempts.map(({ at }) => at - Date.UTC(2024, 0, 1))).toEqual([0, hour]);
  });

  it('ends a lane that waits for it at once when it is stopped', async () => {
    const bench = await hourlyBench();
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2));
    await bench.close();
    expect(bench.clock.sleepers).toEqual([]);
    expect((await bench.outboxes())[0]?.windows).toHaveLength(1);
  });
});
