import type { AttemptOutcome } from '@aftercommit/registry';
import { describe, expect, it } from 'vitest';
import { DeliveryBench, stuckBench, triggerConfig, windowOf } from '../test/delivery-bench.js';

const delivered: AttemptOutcome = { outcome: 'delivered' };

describe('after a restart', () => {
  it('a round goes on with its next attempt, when that is due', async () => {
    const bench = await stuckBench({ maxAttempts: 3 });
    await bench.clock.advance(1_000);
    await bench.close();
    await bench.open(triggerConfig('a', { name: 'one', maxAttempts: 3 }));
    await bench.deliver();
    await bench.clock.advance(1_999);
    expect(bench.kind.attempts.map(({ number }) => number)).toEqual([1, 2]);
    await bench.clock.advance(1);
    expect(bench.kind.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(bench.failures).toMatchObject([{ code: 'DELIVERY_EXHAUSTED' }]);
  });

  it('there is at least one attempt, though maxAttempts was lowered', async () => {
    const bench = await stuckBench({ maxAttempts: 5 });
    await bench.clock.advance(3_000);
    expect(bench.attempted).toHaveLength(3);
    await bench.close();
    await bench.open(triggerConfig('a', { name: 'one', maxAttempts: 1 }));
    await bench.deliver();
    expect(bench.attempted).toHaveLength(4);
    expect(bench.failures).toMatchObject([
      { code: 'DELIVERY_EXHAUSTED', message: expect.stringContaining('4 attempts') },
    ]);
    expect(String(bench.failures[0])).not.toContain('4 of 1');
  });

  it('a new round begins at its first attempt, and waits twice as long each time', async () => {
    const bench = await stuckBench({ maxAttempts: 1 });
    const waits: number[] = [];
    for (let round = 1; round <= 7; round += 1) {
      await bench.close();
      await bench.open(triggerConfig('a', { name: 'one', maxAttempts: 1 }));
      await bench.deliver();
      const waitMs = bench.clock.sleepers[0]?.wakesInMs ?? 0;
      waits.push(waitMs / 1_000);
      await bench.clock.advance(waitMs);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(new Set(bench.kind.attempts.map(({ number }) => number))).toEqual(new Set([1]));
    expect((await bench.outboxes())[0]?.delivery).toMatchObject({ rounds: 8, failingSinceAt: Date.UTC(2024, 0, 1) });
  });

  it('what the receiver asked for is still waited out', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 429', retryAfterMs: 300_000 }, delivered]);
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.deliver(windowOf(1));
    await bench.clock.advance(100_000);
    await bench.close();
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.deliver();
    await bench.clock.advance(199_999);
    expect(bench.attempted).toHaveLength(1);
    await bench.clock.advance(1);
    expect(bench.attempted).toHaveLength(2);
  });

  it('nothing is waited out when the trigger was changed, and its delivery keeps its key', async () => {
    const bench = await stuckBench({ maxAttempts: 1 });
    await bench.close();
    bench.kind.respond('b', [delivered]);
    await bench.open(triggerConfig('b', { name: 'one', maxAttempts: 1, payloadTemplate: '{"new":true}' }));
    await bench.deliver();
    const [first, second] = bench.kind.attempts;
    expect(second).toMatchObject({ target: 'b', payload: '{"new":true}', at: first?.at });
    expect(second?.idempotencyKey).toBe(first?.idempotencyKey);
    expect(second?.variables).toEqual(first?.variables);
  });

  it.each([
    ['back', -86_400_000],
    ['back a little', -500],
  ])('the wait grows no longer when the clock was stepped %s', async (_how, stepMs) => {
    const bench = await stuckBench({ maxAttempts: 3 });
    await bench.close();
    bench.clock.step(stepMs);
    await bench.open(triggerConfig('a', { name: 'one', maxAttempts: 3 }));
    await bench.deliver();
    await bench.clock.advance(1_000);
    expect(bench.attempted).toHaveLength(2);
  });

  it('the wait is over when the clock was stepped forward', async () => {
    const bench = await stuckBench({ maxAttempts: 3 });
    await bench.close();
    bench.clock.step(86_400_000);
    await bench.open(triggerConfig('a', { name: 'one', maxAttempts: 3 }));
    await bench.deliver();
    expect(bench.attempted).toHaveLength(2);
  });
});

describe('a clock that is stepped while a delivery waits', () => {
  it.each([-86_400_000, 86_400_000])('by %d ms neither hurries nor delays it', async (stepMs) => {
    const bench = await stuckBench({ maxAttempts: 3 });
    bench.clock.step(stepMs);
    await bench.clock.advance(999);
    expect(bench.attempted).toHaveLength(1);
    await bench.clock.advance(1);
    expect(bench.attempted).toHaveLength(2);
  });
});
