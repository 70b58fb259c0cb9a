import type { AttemptOutcome } from '@aftercommit/registry';
import { describe, expect, test } from 'vitest';
import { documents, MaterializationBench, MemorySource } from '../test/materialization-bench.js';
import { errorOf, triggerConfig } from '../test/session-bench.js';
import { SourceError } from './source-error.js';

const delivered: AttemptOutcome = { outcome: 'delivered' };
const refused: AttemptOutcome = { outcome: 'rejected', reason: 'no' };
const unavailable: AttemptOutcome = { outcome: 'retry', reason: 'later' };
const parks = triggerConfig('a', { onFailure: 'park' });

describe.each(['endpoint', 'store'] as const)('with the runtime checkpoint at the %s', (owner) => {
  test('goes on behind what it parks, and names it at the end', async () => {
    const bench = new MaterializationBench(owner);
    bench.kind.respond('a', [refused, delivered]);
    const end = await bench.run(new MemorySource(documents(10)), { triggers: [parks], transactions: { maxDocs: 4 } });
    expect(end).toEqual({ isComplete: true, waiting: {}, parked: { a: 1 }, stuck: [] });
    expect(bench.endpoint.rows(0)).toEqual(documents(10));
    expect(bench.eventsOf('parked')).toHaveLength(1);
    expect(bench.delivered.reduce((sum, docs) => sum + docs, 0)).toBe(10);
  });

  test('commits everything while a receiver is down, and ends when it is parked, united', async () => {
    const bench = new MaterializationBench(owner);
    bench.kind.respond('a', [unavailable]);
    const triggers = [{ ...parks, maxAttempts: 2 }];
    const running = bench.run(new MemorySource(documents(10)), { triggers, transactions: { maxDocs: 2 } });
    await bench.until(() => bench.committed.length === 5);
    expect(bench.kind.attempts).toHaveLength(1);
    await bench.clock.advance(60_000);
    expect(await running).toEqual({ isComplete: true, waiting: {}, parked: { a: 2 }, stuck: [] });
    expect(bench.delivered).toEqual([2, 2, 8, 8]);
  });

  test('is not complete when it is stopped before everything due was delivered or parked', async () => {
    const bench = new MaterializationBench(owner);
    bench.kind.respond('a', [unavailable]);
    const stop = new AbortController();
    const running = bench.run(new MemorySource(documents(2)), { triggers: [parks], stop: stop.signal });
    await bench.until(() => bench.eventsOf('attempt').length === 1);
    stop.abort();
    expect(await running).toEqual({ isComplete: false, waiting: { a: 1 }, parked: {}, stuck: [] });
  });

  test('delivers or parks what was committed before it complains of a source', async () => {
    const bench = new MaterializationBench(owner);
    bench.kind.respond('a', [unavailable, refused]);
    const broken = new SourceError('DOCUMENT_INVALID', 'line 3: no JSON');
    const source = new MemorySource([...documents(2), broken]);
    const running = bench.run(source, { triggers: [parks], transactions: { maxDocs: 2 } });
    running.catch(() => undefined);
    await bench.until(() => bench.eventsOf('attempt').length === 1);
    await bench.clock.advance(60_000);
    expect(await errorOf(running)).toBe(broken);
    expect(bench.events.at(-1)).toMatchObject({ event: 'ended', waiting: {}, parked: { a: 1 } });
  });
});

test('waits at its end for intervals where that is wanted', async () => {
  const bench = new MaterializationBench();
  const triggers = [triggerConfig('a', { interval: '1m' })];
  const transactions = { maxDocs: 2 };
  const source = new MemorySource(documents(6));
  const running = bench.run(source, { triggers, transactions, drainIntervals: true });
  await bench.until(() => bench.committed.length === 3);
  await bench.clock.advance(60_000);
  expect(await running).toEqual({ isComplete: true, waiting: {}, parked: {}, stuck: [] });
  expect(bench.delivered).toEqual([2, 4]);
});

test('waits out nothing that an earlier run stored where that is wanted', async () => {
  const bench = new MaterializationBench();
  bench.kind.respond('a', [refused, delivered]);
  expect(await errorOf(bench.run(new MemorySource(documents(1))))).toMatchObject({ code: 'DELIVERY_REJECTED' });
  await bench.run(new MemorySource(documents(1)), { retryNow: true });
  expect(bench.delivered).toEqual([1, 1]);
});
