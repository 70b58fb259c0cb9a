import { readFileSync } from 'node:fs';
import { taskKeys } from '@aftercommit/persistence/records';
import type { AttemptOutcome } from '@aftercommit/registry';
import { describe, expect, it } from 'vitest';
import { DeliveryBench, stuckBench, triggerConfig, windowOf } from '../test/delivery-bench.js';
import { isDeliveryError } from './delivery-error.js';

type RetryCase = { status: number; failTimes: number; maxAttempts: number; delivered: boolean; calls: number };

const vectors = JSON.parse(readFileSync(new URL('../../models/vectors/variables.json', import.meta.url), 'utf8')) as {
  retries: RetryCase[];
};

const unavailable: AttemptOutcome = { outcome: 'retry', reason: 'HTTP 503' };
const delivered: AttemptOutcome = { outcome: 'delivered' };
const refused: AttemptOutcome = { outcome: 'rejected', reason: 'HTTP 400' };

function answerTo(status: number): AttemptOutcome {
  if (status < 300) return delivered;
  const again = status >= 500 || [408, 425, 429].includes(status);
  return { outcome: again ? 'retry' : 'rejected', reason: `HTTP ${status}` };
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
    const bench = await stuckBench({ maxAttempts: 4 });
    await bench.clock.advance(60_000);
    expect(bench.kind.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(new Set(bench.kind.attempts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    for (const { variables } of bench.kind.attempts) expect(variables).toEqual(windowOf(1));
  });

  it('waits longer after each failure', async () => {
    const bench = await stuckBench({ maxAttempts: 8 });
    await bench.clock.advance(600_000);
    const at = bench.kind.attempts.map((attempt) => attempt.at);
    expect(at.slice(1).map((instant, index) => (instant - (at[index] ?? 0)) / 1_000)).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });

  it('goes before what committed later', async () => {
    const bench = await stuckBench();
    await bench.deliver(windowOf(2), windowOf(3));
    bench.kind.respond('a', [delivered]);
    await bench.clock.advance(1_000);
    expect(bench.attempted).toEqual([1, 1, 2, 3]);
  });

  it('that is exhausted ends its lane, says why, and stays', async () => {
    const bench = await stuckBench({ maxAttempts: 2, token: 's3cret-token' });
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
      {
        event: 'attempt',
        ...about,
        attempt: 1,
        durationMs: 0,
        outcome: 'retry',
        reason: 'HTTP 503',
        nextAttemptInMs: 1_000,
      },
      { event: 'attempt', ...about, attempt: 2, durationMs: 0, outcome: 'delivered' },
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

it('keeps its windows under the keys that the layout names', async () => {
  const bench = await stuckBench();
  const keys = (await bench.store.read('acme/orders')).map(([key]) => key);
  expect(keys).toEqual([
    taskKeys.lastOutbox,
    taskKeys.outbox('000001'),
    taskKeys.delivery('000001'),
    taskKeys.window('000001', windowOf(1).run_id),
  ]);
});
