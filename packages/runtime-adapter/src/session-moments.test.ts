import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore, type Store } from '@aftercommit/persistence';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { errorOf, materialization, SessionBench } from '../test/session-bench.js';

const closing: Array<() => Promise<void> | void> = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function sqliteStore(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'session-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const store = SqliteStore.open(join(folder, 'store.db'));
  closing.push(() => store.close());
  return store;
}

describe.each<[name: string, make: () => Store]>([
  ['memory', () => new MemoryStore()],
  ['SQLite', sqliteStore],
])('the moments of a session over %s', (_name, make) => {
  it('are announced in order', async () => {
    const bench = new SessionBench(make());
    const session = await bench.open();
    const outOfOrder = { code: 'SESSION_OUT_OF_ORDER' };
    expect(await errorOf(session.settled())).toMatchObject(outOfOrder);
    expect(await errorOf(() => session.stage(session.begin(), 1, session.newBatch()))).toMatchObject(outOfOrder);
    await session.acknowledged();
    expect(await errorOf(() => session.stage(session.begin(), 1, session.newBatch()))).toMatchObject(outOfOrder);
    await session.settled();
    const batch = session.newBatch();
    session.stage(session.begin(), 1, batch);
    await session.commit(batch);
    expect(await errorOf(session.settled())).toMatchObject(outOfOrder);
    await session.acknowledged();
    await session.settled();
    await session.close();
  });

  it('let nothing fire before a transaction is acknowledged', async () => {
    const bench = new SessionBench(make());
    const session = await bench.open();
    await bench.transact(session, 3);
    await bench.clock.advance(60_000);
    expect(bench.attempted).toEqual([]);
    expect(await bench.held()).toEqual({ a: [3] });
    await bench.acknowledge(session);
    expect(bench.attempted).toEqual([3]);
    expect(await bench.held()).toEqual({ a: [] });
    await session.close();
  });

  it('leave nothing of a transaction that is rolled back, and the next one works', async () => {
    const bench = new SessionBench(make());
    const session = await bench.open();
    await session.acknowledged();
    const before = await bench.store.read(materialization);
    const rolledBack = session.begin();
    rolledBack.add(0, { bytes: 1 });
    await session.settled();
    session.stage(rolledBack, 1, session.newBatch());
    expect(await bench.store.read(materialization)).toEqual(before);
    const again = session.newBatch();
    session.stage(rolledBack, 2, again);
    await session.commit(again);
    await bench.acknowledge(session);
    expect(bench.attempted).toEqual([1]);
    expect(session.position).toBe(2);
    await session.settled();
    session.stage(session.begin(), 99, session.newBatch());
    await bench.acknowledge(session);
    expect(session.position).toBe(2);
    await bench.transact(session, 2);
    await bench.acknowledge(session);
    expect(bench.attempted).toEqual([1, 2]);
    await session.close();
  });

  it('refuse a second commit that no acknowledged lies before, and lose nothing of the first', async () => {
    const bench = new SessionBench(make());
    const session = await bench.open();
    await session.acknowledged();
    await session.settled();
    const [first, second] = [session.begin(), session.begin()];
    first.add(0, { bytes: 1 });
    second.add(0, { bytes: 1 });
    const batch = session.newBatch();
    session.stage(first, 'first', batch);
    await session.commit(batch);
    const other = session.newBatch();
    session.stage(second, 'second', other);
    expect(await errorOf(session.commit(other))).toMatchObject({ code: 'STORE_KEY_EXISTS' });
    expect(await errorOf(session.acknowledged())).toMatchObject({ code: 'STORE_KEY_EXISTS' });
    const next = await bench.open();
    expect(next.position).toBe('first');
    await bench.acknowledge(next);
    expect(bench.kind.attempts.map(({ variables }) => variables.run_id)).toEqual([first.runId]);
    await next.close();
  });

  it('fire what an earlier session left after the first acknowledged, oldest first', async () => {
    const bench = new SessionBench(make());
    const session = await bench.open();
    await bench.transact(session, 1);
    await session.close();
    const next = await bench.open();
    await bench.clock.advance(60_000);
    expect(bench.attempted).toEqual([]);
    await next.acknowledged();
    await bench.transact(next, 2);
    await bench.acknowledge(next);
    expect(bench.attempted).toEqual([1, 2]);
    await next.close();
  });

  it('store the run id of a transaction without documents, and fire nothing', async () => {
    const bench = new SessionBench(make());
    const session = await bench.open();
    const runId = await bench.transact(session, 0, { read: 'nothing' });
    await bench.acknowledge(session);
    expect(bench.attempted).toEqual([]);
    expect(await bench.held()).toEqual({ a: [] });
    await session.close();
    bench.clock.step(-86_400_000);
    const next = await bench.open();
    expect(next.position).toEqual({ read: 'nothing' });
    expect(next.begin().runId > runId).toBe(true);
    await next.close();
  });
});

describe('run ids', () => {
  it('rise by a microsecond where the clock stands still or steps back, with six digits', async () => {
    const bench = new SessionBench();
    let session = await bench.open();
    const runIds: string[] = [];
    for (const stepMs of [0, 0, -5_000, 0, 10_000]) {
      bench.clock.step(stepMs);
      runIds.push(await bench.transact(session, 1));
    }
    await session.close();
    bench.clock.step(-86_400_000);
    session = await bench.open();
    runIds.push(await bench.transact(session, 1));
    expect(runIds).toEqual([
      '2024-01-01T00:00:00.000000Z',
      '2024-01-01T00:00:00.000001Z',
      '2024-01-01T00:00:00.000002Z',
      '2024-01-01T00:00:00.000003Z',
      '2024-01-01T00:00:05.000000Z',
      '2024-01-01T00:00:05.000001Z',
    ]);
    await session.close();
  });

  it('keep the microseconds of a clock that has them', async () => {
    const bench = new SessionBench();
    bench.clock.step(0.123);
    const session = await bench.open();
    expect(session.begin().runId).toMatch(/^2024-01-01T00:00:00\.00012[23]Z$/);
    await session.close();
  });
});

describe('what a host may not do', () => {
  it('is to put two transactions into one batch', async () => {
    const bench = new SessionBench();
    const session = await bench.open();
    await session.acknowledged();
    await session.settled();
    const batch = session.newBatch();
    const [first, second] = [session.begin(), session.begin()];
    session.stage(first, 1, batch);
    expect(await errorOf(() => session.stage(second, 2, batch))).toMatchObject({ code: 'SESSION_OUT_OF_ORDER' });
    await session.close();
  });

  it('is to commit a transaction that began before the last one that committed', async () => {
    const bench = new SessionBench();
    const session = await bench.open();
    await session.acknowledged();
    const early = session.begin();
    early.add(0, { bytes: 1 });
    await bench.transact(session, 2);
    await session.acknowledged();
    await session.settled();
    expect(await errorOf(() => session.stage(early, 1, session.newBatch()))).toMatchObject({
      code: 'SESSION_OUT_OF_ORDER',
    });
    await session.close();
  });

  it.each(['acknowledged', 'settled', 'begin', 'newBatch', 'stage', 'commit'] as const)(
    'is to call %s after it closed the session',
    async (method) => {
      const bench = new SessionBench();
      const session = await bench.open();
      await session.acknowledged();
      await session.settled();
      const transaction = session.begin();
      const batch = session.newBatch();
      await session.close();
      await session.close();
      const call =
        method === 'stage' ? () => session.stage(transaction, 1, batch) : () => session[method](batch as never);
      expect(await errorOf(call)).toMatchObject({ code: 'SESSION_CLOSED' });
      expect(batch.changes.size).toBe(0);
    },
  );
});

describe('what a session tells', () => {
  it('is in order, with the time', async () => {
    const bench = new SessionBench();
    const session = await bench.open();
    const runId = await bench.transact(session, 2);
    await bench.acknowledge(session);
    await session.close();
    const about = { at: '2024-01-01T00:00:00.000Z', materialization };
    expect(bench.events).toEqual([
      {
        event: 'opened',
        epoch: String(session.epoch),
        runtimeCheckpoint: 'new',
        leftOver: {},
        withoutPartner: [],
        ...about,
      },
      { event: 'committed', runId, docs: 2, bytes: 20, commitMs: 0, ...about },
      expect.objectContaining({ event: 'attempt', outcome: 'delivered', runId, ...about }),
      expect.objectContaining({ event: 'delivered', runId, ...about }),
      { event: 'ended', waiting: {}, parked: {}, stuck: [], ...about },
    ]);
  });

  it('names what was left, and outboxes without a trigger', async () => {
    const bench = new SessionBench();
    const session = await bench.open(['a', 'b']);
    await bench.transact(session, 2);
    await session.close();
    expect(bench.events.at(-1)).toMatchObject({ event: 'ended', waiting: {} });
    const warnings: string[] = [];
    const { clock } = bench;
    const next = await bench.open(['b'], {
      environment: { clock, logger: { info() {}, warn: (message) => void warnings.push(message) } },
    });
    expect(bench.events.filter(({ event }) => event === 'opened').at(-1)).toMatchObject({
      runtimeCheckpoint: 'store',
      leftOver: { b: 1 },
      withoutPartner: [{ outbox: 'a', waiting: 1, parked: 0 }],
    });
    expect(warnings).toEqual([expect.stringMatching(/acme\/orders: outbox "a" holds 1 /)]);
    await next.close();
  });

  it.each(['committed', 'attempt', 'delivered'])('ends it when the observer throws at "%s"', async (name) => {
    const bench = new SessionBench();
    const thrown = new Error('observer');
    const session = await bench.open(['a'], {
      observe: ({ event }) => {
        if (event === name) throw thrown;
      },
    });
    await bench.transact(session, 1);
    const failure = await errorOf(bench.acknowledge(session).then(() => session.settled()));
    expect(failure).toBe(thrown);
    expect(session.failed.reason).toBe(thrown);
    expect(await errorOf(session.acknowledged())).toBe(thrown);
    await session.close();
  });

  it('lets nothing open behind it when the observer throws at "opened"', async () => {
    const bench = new SessionBench();
    const observe = (): void => {
      throw new Error('observer');
    };
    expect(await errorOf(bench.open(['a', 'b'], { observe }))).toEqual(new Error('observer'));
    expect(bench.kind).toMatchObject({ opened: 2, closed: 2 });
  });
});
