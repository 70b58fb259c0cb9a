import { hang } from '@aftercommit/testkit';
import { expect, test } from 'vitest';
import {
  DeliveryBench,
  holdWrites,
  materialization,
  parkInStore,
  triggerConfig,
  windowOf,
} from '../test/delivery-bench.js';

const unavailable = { outcome: 'retry', reason: 'HTTP 503' } as const;

/** A lane whose delivery has had its round, and which has parked all that it may. */
async function heldBench(): Promise<DeliveryBench> {
  const bench = new DeliveryBench();
  bench.kind.respond('a', [unavailable]);
  const given = { name: 'one', onFailure: 'park', maxAttempts: 1, timeout: '5s' };
  await bench.open(triggerConfig('a', given));
  await bench.close();
  await parkInStore(bench, 1_000);
  await bench.open(triggerConfig('a', given));
  await bench.deliver(windowOf(1));
  expect(bench.lanes.stuck).toEqual(['one']);
  return bench;
}

test('a drain that begins while a failure is being stored brings one more round all the same', async () => {
  const bench = await heldBench();
  const release = holdWrites(bench);
  await bench.clock.advance(30_000);
  const before = bench.attempted.length;
  let isDrained = false;
  const draining = bench.lanes
    .drained(() => false, {})
    .then(() => {
      isDrained = true;
    });
  release();
  await bench.settle();
  expect([isDrained, bench.attempted.length - before]).toEqual([false, 0]);
  await bench.clock.advance(60_000);
  await draining;
  expect(bench.attempted.length - before).toBeGreaterThan(0);
});

test('a drain that begins while an attempt is in flight changes nothing about that attempt', async () => {
  const bench = await heldBench();
  bench.kind.respond('a', [hang, unavailable]);
  await bench.clock.advance(30_000);
  const made = bench.kind.attempts.at(-1)?.number;
  const before = bench.kind.attempts.length;
  const told = bench.events.length;
  const draining = bench.lanes.drained(() => false, {});
  await bench.clock.advance(5_000);
  expect(bench.events[told]).toMatchObject({ event: 'attempt', attempt: made });
  await bench.clock.advance(60_000);
  await draining;
  expect(bench.kind.attempts[before]?.number).toBe(1);
});

test('that no more can be parked is said again when a person made room and it was used up', async () => {
  const bench = await heldBench();
  await bench.ask({ request: 'drop', outbox: 'one', keys: ['msg_1000'] });
  await bench.clock.advance(30_000);
  await bench.deliver(windowOf(2));
  expect(bench.lanes.stuck).toEqual(['one']);
  expect(bench.warnings).toHaveLength(2);
  expect(bench.warningFields.at(-1)).toEqual({ materialization, trigger: 'one', parked: 1_000 });
});
