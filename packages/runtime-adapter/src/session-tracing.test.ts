import { AsyncLocalStorage } from 'node:async_hooks';
import type { AttemptBeginning, OutboxStanding, TraceAttempt } from '@aftercommit/delivery';
import { describe, expect, test } from 'vitest';
import { errorOf, materialization, SessionBench, triggerConfig } from '../test/session-bench.js';
import type { SessionEvent } from './session-event.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('an attempt that is traced', () => {
  test('is announced with what identifies it, and told its traceparent', async () => {
    const bench = new SessionBench();
    const begun: AttemptBeginning[] = [];
    const trace: TraceAttempt = (about, make) => {
      begun.push(about);
      return make(traceparent);
    };
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }, { outcome: 'delivered' }]);
    const session = await bench.open(['a'], { trace });
    const runId = await bench.transact(session, 2);
    await bench.acknowledge(session);
    await bench.clock.advance(1_000);
    const [first, second] = bench.kind.attempts;
    const about = {
      materialization,
      trigger: 'a',
      kind: 'scripted',
      target: expect.stringContaining('a'),
      runId,
      idempotencyKey: first?.idempotencyKey,
      epoch: String(session.epoch),
    };
    expect(begun).toEqual([
      { ...about, attempt: 1 },
      { ...about, attempt: 2 },
    ]);
    expect([first?.traceparent, second?.traceparent]).toEqual([traceparent, traceparent]);
    await session.close();
  });

  test('runs in the context that was set around it, and so does nothing else', async () => {
    const bench = new SessionBench();
    const context = new AsyncLocalStorage<string>();
    const seen: Array<string | undefined> = [];
    bench.kind.respond('a', [
      async () => {
        seen.push(context.getStore());
        return { outcome: 'delivered' };
      },
    ]);
    const session = await bench.open(['a'], {
      trace: ({ trigger }, make) => context.run(trigger, () => make()),
      observe: ({ event }) => void (event === 'delivered' && seen.push(context.getStore())),
    });
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    expect(seen).toEqual(['a', undefined]);
    await session.close();
  });

  test('is not made when the trace throws, and the session ends with that', async () => {
    const bench = new SessionBench();
    const broken = new Error('the exporter is broken');
    const session = await bench.open(['a'], {
      trace: () => {
        throw broken;
      },
    });
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    expect(await errorOf(session.close())).toBe(broken);
    expect(bench.kind.attempts).toEqual([]);
    expect(await bench.held()).toEqual({ a: [1] });
  });

  test('has no traceparent when nobody traces', async () => {
    const bench = new SessionBench();
    const session = await bench.open();
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    expect(bench.kind.attempts.map((attempt) => attempt.traceparent)).toEqual([undefined]);
    await session.close();
  });
});

test('an observer can ask how the outboxes stand, also when the session has ended', async () => {
  const bench = new SessionBench();
  const told: Array<[SessionEvent['event'], OutboxStanding[]]> = [];
  let ask: () => OutboxStanding[] = () => [];
  bench.kind.respond('b', [{ outcome: 'rejected', reason: 'HTTP 400' }]);
  const session = await bench.open(['a', { ...triggerConfig('b'), onFailure: 'park' }], {
    observe: (event, outboxes) => {
      ask = outboxes;
      told.push([event.event, outboxes()]);
    },
  });
  const first = await bench.transact(session, 1);
  const idle = { kind: 'scripted', waiting: 0, oldestRunId: undefined, parked: 0 };
  const a = { ...idle, trigger: 'a' };
  const b = { ...idle, trigger: 'b' };
  expect(told).toEqual([['opened', [a, b]]]);
  await bench.acknowledge(session);
  const due = { waiting: 1, oldestRunId: first };
  expect(told[1]).toEqual([
    'committed',
    [
      { ...a, ...due },
      { ...b, ...due },
    ],
  ]);
  await session.close();
  expect(told.at(-1)).toEqual(['ended', [a, { ...b, parked: 1 }]]);
  expect(ask()).toEqual([a, { ...b, parked: 1 }]);
});
