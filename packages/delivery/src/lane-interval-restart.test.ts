import { describe, expect, it } from 'vitest';
import { DeliveryBench, hourlyBench, triggerConfig, windowOf } from '../test/delivery-bench.js';

const hour = 3_600_000;

describe('after a restart an interval', () => {
  it.each([
    ['the same', '1h', hour],
    ['a longer one', '2h', 2 * hour],
    ['a shorter one', '45m', 0.75 * hour],
  ])('is the rest of %s', async (_what, interval, passesAt) => {
    const bench = await hourlyBench();
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2));
    await bench.close();
    await bench.clock.advance(hour / 2);
    await bench.open(triggerConfig('a', { name: 'one', interval }));
    await bench.deliver(windowOf(3));
    await bench.clock.advance(passesAt - hour / 2 - 1);
    expect(bench.attempted).toEqual([1]);
    await bench.clock.advance(1);
    expect(bench.attempted).toEqual([1, 5]);
  });

  it('that passed meanwhile is waited for no more', async () => {
    const bench = await hourlyBench();
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2));
    await bench.close();
    await bench.clock.advance(hour);
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await bench.deliver();
    expect(bench.attempted).toEqual([1, 2]);
  });

  it('is at most a whole one when the clock was stepped back, also over many restarts', async () => {
    const bench = await hourlyBench();
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2));
    bench.clock.step(-48 * hour);
    for (let quarter = 0; quarter < 4; quarter += 1) {
      expect(bench.attempted).toEqual([1]);
      await bench.close();
      await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
      await bench.deliver();
      await bench.clock.advance(hour / 4);
    }
    expect(bench.attempted).toEqual([1, 2]);
  });

  it('does not hold up a delivery that was taken before', async () => {
    const bench = await hourlyBench({ maxAttempts: 9 });
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }, { outcome: 'delivered' }]);
    await bench.deliver(windowOf(1));
    await bench.close();
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h', maxAttempts: 9 }));
    await bench.deliver(windowOf(2));
    await bench.clock.advance(1_000);
    expect(bench.attempted).toEqual([1, 1]);
    await bench.clock.advance(hour);
    expect(bench.attempted).toEqual([1, 1, 2]);
  });
});

describe('an outbox that gets an interval', () => {
  it('does not unite the delivery it has, though nothing of it is noted', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [() => new Promise(() => undefined), { outcome: 'delivered' }]);
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.deliver(windowOf(1), windowOf(2), windowOf(3));
    expect(bench.attempted).toEqual([1]);
    // The process dies in its first attempt.
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await bench.deliver();
    expect(bench.attempted).toEqual([1, 1, 5]);
    const [first, again] = bench.kind.attempts;
    expect(again?.idempotencyKey).toBe(first?.idempotencyKey);
    expect(again?.variables).toEqual(first?.variables);
  });

  it('delivers one by one what was waiting when it loses it again', async () => {
    const bench = await hourlyBench();
    await bench.deliver(windowOf(1));
    await bench.deliver(windowOf(2), windowOf(3));
    await bench.close();
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.deliver();
    expect(bench.attempted).toEqual([1, 2, 3]);
  });
});
