import type { AttemptOutcome } from '@aftercommit/registry';
import { hang } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { errorOf, materialization, SessionBench, triggerConfig } from '../test/session-bench.js';

const delivered: AttemptOutcome = { outcome: 'delivered' };
const refused: AttemptOutcome = { outcome: 'rejected', reason: 'HTTP 400' };
const unavailable: AttemptOutcome = { outcome: 'retry', reason: 'HTTP 503' };
const parks = triggerConfig('a', { onFailure: 'park' });

/** A bench whose task has parked its first transaction, and is closed. */
async function parkedBench(): Promise<SessionBench> {
  const bench = new SessionBench();
  bench.kind.respond('a', [refused, delivered]);
  const session = await bench.open([parks]);
  await bench.transact(session, 1);
  await bench.acknowledge(session);
  await session.close();
  return bench;
}

describe('a session with a trigger that parks', () => {
  it('goes on, and says at its end what is parked', async () => {
    const bench = await parkedBench();
    const next = await bench.open([parks, 'b']);
    await bench.transact(next, 2);
    await bench.acknowledge(next);
    await next.close();
    expect(bench.events.filter(({ event }) => event === 'ended')).toMatchObject([
      { waiting: {}, parked: { a: 1 }, stuck: [] },
      { waiting: {}, parked: { a: 1 }, stuck: [] },
    ]);
    expect(bench.events.filter(({ event }) => event === 'parked')).toMatchObject([
      { trigger: 'a', outcome: 'rejected', reason: 'HTTP 400', attempt: 1, materialization },
    ]);
  });

  it('commits while a delivery goes on', async () => {
    const bench = new SessionBench();
    bench.kind.respond('a', [hang]);
    const session = await bench.open([parks]);
    await bench.transact(session, 1);
    await bench.transact(session, 2);
    await bench.acknowledge(session);
    expect(await bench.held()).toEqual({ a: [1, 2] });
    const closing = session.close();
    await bench.clock.advance(30_000);
    await closing;
    expect(bench.events.at(-1)).toMatchObject({ event: 'ended', waiting: { a: 2 } });
  });

  it('waits for it when it is drained', async () => {
    const bench = new SessionBench();
    bench.kind.respond('a', [unavailable, unavailable, delivered]);
    const session = await bench.open([parks]);
    await bench.transact(session, 1);
    await session.acknowledged();
    await session.settled();
    let isDrained = false;
    const drained = session.drained().then(() => (isDrained = true));
    await bench.clock.advance(0);
    expect(isDrained).toBe(false);
    await bench.clock.advance(10_000);
    await drained;
    expect(bench.attempted).toEqual([1, 1, 1]);
    await session.close();
  });

  it('lets go whoever waits for the end when it is closed', async () => {
    const bench = new SessionBench();
    bench.kind.respond('a', [unavailable]);
    const session = await bench.open([parks]);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    const draining = errorOf(session.drained());
    await session.close();
    expect(await draining).toMatchObject({ code: 'SESSION_CLOSED' });
  });

  it('is drained only after it was acknowledged', async () => {
    const bench = new SessionBench();
    const session = await bench.open([parks]);
    expect(await errorOf(session.drained())).toMatchObject({
      code: 'SESSION_OUT_OF_ORDER',
      message: expect.stringContaining('drained()'),
    });
    await session.close();
  });

  it('throws from drained what a delivery that blocks has failed with', async () => {
    const bench = new SessionBench();
    bench.kind.respond('b', [refused]);
    const session = await bench.open([parks, 'b']);
    await bench.transact(session, 1);
    await session.acknowledged();
    expect(await errorOf(session.drained())).toMatchObject({ code: 'DELIVERY_REJECTED' });
    await session.close();
  });

  it('waits for intervals where that is wanted', async () => {
    const bench = new SessionBench();
    const session = await bench.open([triggerConfig('a', { interval: '1m' })]);
    await bench.transact(session, 1);
    await bench.transact(session, 2);
    await bench.acknowledge(session);
    await session.drained();
    expect(bench.attempted).toEqual([1]);
    const drained = session.drained({ intervals: true });
    await bench.clock.advance(60_000);
    await drained;
    expect(bench.attempted).toEqual([1, 2]);
    await session.close();
  });
});

describe('what people ask for', () => {
  const replay = { request: 'replay', outbox: 'a', keys: 'all' };

  it('while nobody has the task open is done by the next session, once it has acknowledged', async () => {
    const bench = await parkedBench();
    await bench.store.request(materialization, replay);
    const session = await bench.open([parks]);
    await bench.clock.advance(10_000);
    expect(bench.attempted).toEqual([1]);
    await session.acknowledged();
    await session.drained();
    expect(bench.attempted).toEqual([1, 1]);
    await session.close();
    expect((await bench.outboxes())[0]).toMatchObject({ windows: [], parked: [] });
    expect(bench.events.at(-1)).toMatchObject({ event: 'ended', parked: {} });
  });

  it('is done at once when the next transaction is acknowledged', async () => {
    const bench = await parkedBench();
    const session = await bench.open([parks]);
    await bench.acknowledge(session);
    await bench.store.request(materialization, replay);
    await bench.acknowledge(session);
    expect(bench.attempted).toEqual([1, 1]);
    await session.close();
  });

  it('is done within a second when nothing happens', async () => {
    const bench = await parkedBench();
    const session = await bench.open([parks]);
    await bench.acknowledge(session);
    await bench.store.request(materialization, replay);
    await bench.clock.advance(1_000);
    expect(bench.attempted).toEqual([1, 1]);
    await session.close();
    expect(bench.clock.sleepers).toEqual([]);
  });

  it('of an outbox without a trigger is done by the session itself', async () => {
    const bench = await parkedBench();
    const warnings: string[] = [];
    const { clock } = bench;
    const logger = { info() {}, warn: (message: string) => void warnings.push(message) };
    const session = await bench.open(['b'], { environment: { clock, logger } });
    expect(warnings).toEqual([expect.stringContaining('outbox "a" holds 1 parked one, and no trigger')]);
    expect(bench.events.at(-1)).toMatchObject({ withoutPartner: [{ outbox: 'a', waiting: 0, parked: 1 }] });
    await bench.store.request(materialization, { request: 'drop-outbox', outbox: 'a' });
    await bench.clock.advance(1_000);
    expect((await bench.outboxes()).map(({ about }) => about.name)).toEqual(['b']);
    await session.close();
  });
});

it('a session whose mailbox shows that it was fenced is over, also while its host waits', async () => {
  const bench = new SessionBench();
  const older = await bench.open([parks]);
  await bench.acknowledge(older);
  const newer = await bench.open([parks]);
  await bench.clock.advance(1_000);
  expect(older.failed.reason).toMatchObject({ code: 'STORE_FENCED' });
  await errorOf(older.close());
  await newer.close();
});

it.each([
  [true, 2],
  [false, 1],
])('with retryNow: %s there are %d attempts at once after a restart', async (retryNow, attempts) => {
  const bench = new SessionBench();
  bench.kind.respond('a', [{ ...unavailable, retryAfterMs: 600_000 }, delivered]);
  const session = await bench.open();
  await bench.transact(session, 1);
  await bench.acknowledge(session);
  await session.close();
  const next = await bench.open(['a'], { retryNow });
  await bench.acknowledge(next);
  expect(bench.attempted).toHaveLength(attempts);
  await next.close();
});

it('closing begins no attempt, also while the store takes its time to list messages', async () => {
  const bench = new SessionBench();
  bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }]);
  const open = bench.store.open.bind(bench.store);
  let isSlow = false;
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  bench.store.open = async (...given) => {
    const state = await open(...given);
    const list = state.list.bind(state);
    const slowly = async (prefix: string): ReturnType<typeof list> => {
      if (isSlow) await gate;
      return await list(prefix);
    };
    return Object.assign(state, { list: slowly });
  };
  const session = await bench.open([triggerConfig('a', { maxAttempts: 9, onFailure: 'park' })]);
  await bench.transact(session, 1);
  await bench.acknowledge(session);
  isSlow = true;
  await bench.clock.advance(1_000);
  const before = bench.attempted.length;
  const closing = session.close();
  await bench.clock.advance(60_000);
  expect(bench.attempted).toHaveLength(before);
  release();
  await closing;
});
