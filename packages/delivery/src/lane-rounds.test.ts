import { readFileSync } from 'node:fs';
import { taskKeys } from '@aftercommit/persistence';
import type { AttemptOutcome } from '@aftercommit/registry';
import { hang } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { DeliveryBench, triggerConfig, windowOf } from '../test/delivery-bench.js';
import { isDeliveryError } from './delivery-error.js';

type RetryCase = { status: number; failTimes: number; maxAttempts: number; delivered: boolean; calls: number };

const vectors = JSON.parse(
  readFileSync(new URL('../../models/vectors/variables.json', import.meta.url), 'utf8'),
) as { retries: RetryCase[] };

const unavailable: AttemptOutcome = { outcome: 'retry', reason: 'HTTP 503' };
const delivered: AttemptOutcome = { outcome: 'delivered' };
const refused: AttemptOutcome = { outcome: 'rejected', reason: 'HTTP 400' };

function answerTo(status: number): AttemptOutcome {
  if (status < 300) return delivered;
  const again = status >= 500 || [408, 425, 429].includes(status);
  return { outcome: again ? 'retry' : 'rejected', reason: `HTTP ${status}` };
}

async function stuck(given: Record<string, string | number> = {}): Promise<DeliveryBench> {
  const bench = new DeliveryBench();
  bench.kind.respond('a', [unavailable]);
  await bench.open(triggerConfig('a', { name: 'one', ...given }));
  await bench.deliver(windowOf(1));
  return bench;
}

describe('a delivery', () => {
  it.each(vectors.retries)('follows the vector for %j', async ({ status, failTimes, maxAttempts, ...expected }) => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [...Array.from({ length: failTimes }, () => answerTo(status)), delivered]);
    await bench.open(triggerConfig('a', { maxAttempts }));
    await bench.deliver(windowOf(1));
    await bench.clock.advance(600_000);
    expect(bench.kind.attempts).toHaveLength(expected.calls);
    expect(bench.failures.length === 0).toBe(expected.delivered);
    expect((await bench.outboxes())[0]?.windows).toHaveLength(expected.delivered ? 0 : 1);
  });

  it('keeps its key and its variables over all attempts, and counts them', async () => {
    const bench = await stuck({ maxAttempts: 4 });
    await bench.clock.advance(60_000);
    expect(bench.kind.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(new Set(bench.kind.attempts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    for (const { variables } of bench.kind.attempts) expect(variables).toEqual(windowOf(1));
  });

  it('waits longer after each failure', async () => {
    const bench = await stuck({ maxAttempts: 8 });
    await bench.clock.advance(600_000);
    const at = bench.kind.attempts.map((attempt) => attempt.at);
    expect(at.slice(1).map((instant, index) => (instant - (at[index] ?? 0)) / 1_000)).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });

  it('goes before what committed later', async () => {
    const bench = await stuck();
    await bench.deliver(windowOf(2), windowOf(3));
    bench.kind.respond('a', [delivered]);
    await bench.clock.advance(1_000);
    expect(bench.attempted).toEqual([1, 1, 2, 3]);
  });

  it('that is exhausted ends its lane, says why, and stays', async () => {
    const bench = await stuck({ maxAttempts: 2, token: 's3cret-token' });
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503, echoed s3cret-token' }]);
    await bench.clock.advance(1_000);
    const [failure] = bench.failures;
    expect(isDeliveryError(failure) && failure).toMatchObject({
      code: 'DELIVERY_EXHAUSTED',
      trigger: 'one',
      runId: windowOf(1).run_id,
      message: expect.stringMatching(/"one".*scripted:\/\/a.*2 attempts.*HTTP 503, echoed \[redacted\]\./),
    });
    const [outbox] = await bench.outboxes();
    expect(outbox?.windows).toHaveLength(1);
    expect(outbox?.delivery).toMatchObject({ rounds: 1, attempts: 0, reason: 'HTTP 503, echoed [redacted]' });
    await bench.clock.advance(600_000);
    expect(bench.kind.attempts).toHaveLength(2);
  });

  it('that is rejected ends its lane at its first attempt', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [refused]);
    await bench.open(triggerConfig('a'));
    await bench.deliver(windowOf(1));
    expect(bench.failures).toMatchObject([{ code: 'DELIVERY_REJECTED' }]);
    expect(bench.kind.attempts).toHaveLength(1);
  });

  it('tells what happens, in order', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [unavailable, delivered]);
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.deliver(windowOf(1));
    await bench.clock.advance(1_000);
    const about = { trigger: 'one', runId: windowOf(1).run_id, idempotencyKey: bench.kind.attempts[0]?.idempotencyKey };
    expect(bench.events).toEqual([
      { event: 'attempt', ...about, attempt: 1, outcome: 'retry', reason: 'HTTP 503', nextAttemptInMs: 1_000 },
      { event: 'attempt', ...about, attempt: 2, outcome: 'delivered' },
      { event: 'delivered', ...about, attempt: 2 },
    ]);
  });

  it('that was accepted is cleared, though an observer throws when it is told', async () => {
    const bench = new DeliveryBench();
    bench.observe = () => {
      throw new Error('observer');
    };
    await bench.open(triggerConfig('a'));
    await bench.deliver(windowOf(1));
    expect(bench.failures).toEqual([new Error('observer')]);
    expect((await bench.outboxes())[0]?.windows).toEqual([]);
  });

  it('says no secret that a kind takes for its target', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [refused]);
    const careless = { ...bench.kind, describeTarget: () => 'scripted://s3cret-token@a' };
    await bench.open(triggerConfig('a', { name: 'one', token: 's3cret-token' }), careless);
    await bench.deliver(windowOf(1));
    expect(String(bench.failures[0])).toContain('scripted://[redacted]@a');
  });
});

describe('after a restart', () => {
  it('a round goes on with its next attempt, when that is due', async () => {
    const bench = await stuck({ maxAttempts: 3 });
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
    const bench = await stuck({ maxAttempts: 5 });
    await bench.clock.advance(3_000);
    expect(bench.attempted).toHaveLength(3);
    await bench.close();
    await bench.open(triggerConfig('a', { name: 'one', maxAttempts: 1 }));
    await bench.deliver();
    expect(bench.attempted).toHaveLength(4);
    expect(bench.failures).toMatchObject([{ code: 'DELIVERY_EXHAUSTED', message: expect.stringContaining('4 attempts') }]);
    expect(String(bench.failures[0])).not.toContain('4 of 1');
  });

  it('a new round begins at its first attempt, and waits twice as long each time', async () => {
    const bench = await stuck({ maxAttempts: 1 });
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
    const bench = await stuck({ maxAttempts: 1 });
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
    const bench = await stuck({ maxAttempts: 3 });
    await bench.close();
    bench.clock.step(stepMs);
    await bench.open(triggerConfig('a', { name: 'one', maxAttempts: 3 }));
    await bench.deliver();
    await bench.clock.advance(1_000);
    expect(bench.attempted).toHaveLength(2);
  });

  it('the wait is over when the clock was stepped forward', async () => {
    const bench = await stuck({ maxAttempts: 3 });
    await bench.close();
    bench.clock.step(86_400_000);
    await bench.open(triggerConfig('a', { name: 'one', maxAttempts: 3 }));
    await bench.deliver();
    expect(bench.attempted).toHaveLength(2);
  });
});

describe('a clock that is stepped while a delivery waits', () => {
  it.each([-86_400_000, 86_400_000])('by %d ms neither hurries nor delays it', async (stepMs) => {
    const bench = await stuck({ maxAttempts: 3 });
    bench.clock.step(stepMs);
    await bench.clock.advance(999);
    expect(bench.attempted).toHaveLength(1);
    await bench.clock.advance(1);
    expect(bench.attempted).toHaveLength(2);
  });
});

describe('stopping', () => {
  it('during a wait begins no attempt', async () => {
    const bench = await stuck({ maxAttempts: 3 });
    await bench.close();
    await bench.clock.advance(60_000);
    expect(bench.attempted).toHaveLength(1);
    expect(bench.clock.sleepers).toEqual([]);
  });

  it('during an attempt waits for it and stores that it failed', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [hang]);
    await bench.open(triggerConfig('a', { name: 'one', timeout: '5s' }));
    await bench.deliver(windowOf(1));
    const closing = bench.close();
    await bench.clock.advance(5_000);
    await closing;
    expect((await bench.outboxes())[0]?.delivery).toMatchObject({ attempts: 1 });
    expect(bench.attempted).toHaveLength(1);
  });

  it('during an attempt waits for it and clears what it delivered', async () => {
    const bench = new DeliveryBench();
    let answer = (_outcome: AttemptOutcome): void => undefined;
    bench.kind.respond('a', [
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      delivered,
    ]);
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.deliver(windowOf(1), windowOf(2));
    const closing = bench.close();
    await bench.settle();
    answer(delivered);
    await closing;
    expect((await bench.outboxes())[0]?.windows.map(({ window }) => window.docs_total)).toEqual([2]);
    expect(bench.attempted).toEqual([1]);
  });

  it('when idle ends at once', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a'));
    await bench.close();
    expect(bench.kind).toMatchObject({ opened: 1, closed: 1 });
  });
});

describe('a fenced lane', () => {
  it('clears nothing, and makes no further attempt', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.commit(windowOf(1), windowOf(2));
    await bench.store.open('acme/orders', 'successor');
    bench.lanes.acknowledged();
    await bench.settle();
    expect(bench.failures).toMatchObject([{ code: 'STORE_FENCED' }]);
    expect(bench.attempted).toEqual([1]);
    expect((await bench.outboxes())[0]?.windows).toHaveLength(2);
  });
});

it('keeps its windows under the keys that the layout names', async () => {
  const bench = await stuck();
  const keys = (await bench.store.read('acme/orders')).map(([key]) => key);
  expect(keys).toEqual([
    taskKeys.outbox('000001'),
    taskKeys.delivery('000001'),
    taskKeys.window('000001', windowOf(1).run_id),
  ]);
});
