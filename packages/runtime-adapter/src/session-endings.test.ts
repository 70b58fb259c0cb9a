import { isDeliveryError } from '@aftercommit/delivery';
import { type MemoryStore, StoreError } from '@aftercommit/persistence';
import type { AttemptOutcome } from '@aftercommit/registry';
import { FaultyStore, hang } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { errorOf, materialization, SessionBench, triggerConfig } from '../test/session-bench.js';

const refused: AttemptOutcome = { outcome: 'rejected', reason: 'HTTP 400' };
const delivered: AttemptOutcome = { outcome: 'delivered' };

/** A step of a script that answers when the test says so. */
function held(): { step: () => Promise<AttemptOutcome>; answer: (outcome: AttemptOutcome) => void } {
  let answer = (_outcome: AttemptOutcome): void => undefined;
  const answered = new Promise<AttemptOutcome>((resolve) => {
    answer = resolve;
  });
  return { step: () => answered, answer };
}

describe('a delivery that fails for good', () => {
  it('ends the session once the attempts of other lanes have ended and their outcomes are stored', async () => {
    const bench = new SessionBench();
    const session = await bench.open([triggerConfig('slow', { timeout: '5s' }), 'bad', 'late']);
    const late = held();
    bench.kind.respond('slow', [hang]);
    bench.kind.respond('late', [late.step]);
    bench.kind.respond('bad', [refused]);
    await bench.transact(session, 1);
    await session.acknowledged();
    const settling = errorOf(session.settled());
    await bench.clock.advance(4_000);
    expect(session.failed.aborted).toBe(false);
    late.answer(delivered);
    await bench.clock.advance(1_000);
    const failure = await settling;
    expect(isDeliveryError(failure) && failure).toMatchObject({ code: 'DELIVERY_REJECTED', trigger: 'bad' });
    expect(session.failed.reason).toBe(failure);
    expect(await bench.held()).toEqual({ slow: [1], bad: [1], late: [] });
    expect((await bench.outboxes()).map(({ delivery }) => delivery?.attempts ?? delivery)).toEqual([1, 0, undefined]);
    expect(bench.events.slice(-2)).toMatchObject([{ event: 'failed', code: 'DELIVERY_REJECTED' }, { event: 'ended' }]);
    await session.close();
  });

  it.each(['acknowledged', 'settled', 'begin', 'newBatch', 'commit'] as const)(
    'is what %s throws from then on',
    async (method) => {
      const bench = new SessionBench();
      const session = await bench.open();
      bench.kind.respond('a', [refused]);
      await bench.transact(session, 1);
      await bench.acknowledge(session);
      const batch = undefined as never;
      expect(await errorOf(() => session[method](batch))).toMatchObject({ code: 'DELIVERY_REJECTED' });
      await session.close();
    },
  );

  it('ends an idle session by its signal, and is thrown by close when nobody else was told', async () => {
    const bench = new SessionBench();
    const session = await bench.open();
    bench.kind.respond('a', [refused]);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    expect(session.failed.reason).toMatchObject({ code: 'DELIVERY_REJECTED' });
    expect(await errorOf(session.close())).toBe(session.failed.reason);
    expect(await errorOf(session.close())).toBeUndefined();
  });

  it('is tried again by the next session, its siblings are not', async () => {
    const bench = new SessionBench();
    const session = await bench.open(['a', 'b']);
    bench.kind.respond('a', [refused, delivered]);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await errorOf(session.close());
    const next = await bench.open(['a', 'b']);
    await bench.acknowledge(next);
    await bench.clock.advance(30_000);
    await next.settled();
    expect(bench.kind.attempts.map(({ target }) => target)).toEqual(['a', 'b', 'a']);
    await next.close();
  });
});

describe('closing', () => {
  it('waits for the attempt in flight and stores its outcome: the next session does not repeat it', async () => {
    const bench = new SessionBench();
    const session = await bench.open();
    const { step, answer } = held();
    bench.kind.respond('a', [step]);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    let isClosed = false;
    const closing = session.close().then(() => {
      isClosed = true;
    });
    await bench.clock.advance(0);
    expect(isClosed).toBe(false);
    answer(delivered);
    await closing;
    const next = await bench.open();
    await bench.acknowledge(next);
    expect(bench.attempted).toEqual([1]);
    await next.close();
  });

  it('keeps the next session of the same store waiting, also when the host opens it before the end is over', async () => {
    const bench = new SessionBench();
    bench.kind.respond('a', [{ outcome: 'rejected', reason: 'HTTP 400' }, { outcome: 'delivered' }]);
    const { step, answer } = held();
    bench.kind.respond('b', [step, delivered]);
    const session = await bench.open(['a', 'b']);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    expect(() => session.begin()).toThrow(expect.objectContaining({ code: 'DELIVERY_REJECTED' }));
    const opening = bench.open(['a', 'b']);
    await bench.clock.advance(0);
    answer(delivered);
    const next = await opening;
    await bench.acknowledge(next);
    await bench.clock.advance(30_000);
    await next.close();
    expect(bench.kind.attempts.map(({ target }) => target)).toEqual(['a', 'b', 'a']);
  });

  it('lets go whoever waits for deliveries to be done', async () => {
    const bench = new SessionBench();
    const session = await bench.open();
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }]);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    const settling = errorOf(session.settled());
    await session.close();
    expect(await settling).toMatchObject({ code: 'SESSION_CLOSED' });
  });

  it('right after acknowledged leaves everything to the next session, or has delivered it', async () => {
    const bench = new SessionBench();
    const session = await bench.open([triggerConfig('a', { interval: '1h' })]);
    await bench.transact(session, 1);
    await session.acknowledged();
    await session.close();
    const next = await bench.open([triggerConfig('a', { interval: '1h' })]);
    await bench.acknowledge(next);
    expect(bench.attempted).toEqual([1]);
    await next.close();
  });

  it('closes what was opened', async () => {
    const bench = new SessionBench();
    const session = await bench.open();
    await session.close();
    expect(bench.kind).toMatchObject({ opened: 1, closed: 1 });
  });
});

describe('a fenced session', () => {
  it('ends at its next call, and changes nothing', async () => {
    const bench = new SessionBench();
    const older = await bench.open();
    await bench.transact(older, 1);
    const newer = await bench.open();
    const before = await bench.store.read(materialization);
    expect(await errorOf(older.acknowledged())).toMatchObject({ code: 'STORE_FENCED' });
    expect(older.failed.reason).toMatchObject({ code: 'STORE_FENCED' });
    await older.close();
    expect(await bench.store.read(materialization)).toEqual(before);
    expect(bench.attempted).toEqual([]);
    await bench.acknowledge(newer);
    expect(bench.attempted).toEqual([1]);
    await newer.close();
  });

  it('clears nothing that it delivers late, makes one attempt at most, and cannot commit', async () => {
    const bench = new SessionBench();
    const older = await bench.open();
    const { step, answer } = held();
    bench.kind.respond('a', [step, delivered]);
    await bench.transact(older, 1);
    await older.acknowledged();
    const transaction = older.begin();
    await bench.clock.advance(0);
    const newer = await bench.open();
    answer(delivered);
    expect(await errorOf(older.settled())).toMatchObject({ code: 'STORE_FENCED' });
    expect(await errorOf(() => older.stage(transaction, 1, newer.newBatch()))).toMatchObject({ code: 'STORE_FENCED' });
    expect(await bench.held()).toEqual({ a: [1] });
    await bench.acknowledge(newer);
    expect(bench.attempted).toEqual([1, 1]);
    expect(new Set(bench.kind.attempts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(bench.kind.attempts.map(({ epoch }) => epoch)).toEqual([older.epoch, newer.epoch]);
    await older.close();
    await newer.close();
  });

  it('gives an attempt in flight up at once', async () => {
    const bench = new SessionBench();
    const older = await bench.open(['a', 'b']);
    bench.kind.respond('a', [() => new Promise(() => undefined)]);
    const { step, answer } = held();
    bench.kind.respond('b', [step]);
    await bench.transact(older, 1);
    await bench.acknowledge(older);
    const newer = await bench.open(['a', 'b']);
    answer(delivered);
    await bench.clock.advance(0);
    expect(older.failed.reason).toMatchObject({ code: 'STORE_FENCED' });
    expect(bench.kind.attempts[0]?.signal.aborted).toBe(true);
    await errorOf(older.close());
    await newer.close();
  });

  it('cannot commit what its successor did not see', async () => {
    const bench = new SessionBench();
    const older = await bench.open();
    await older.acknowledged();
    const transaction = older.begin();
    transaction.add(0, { bytes: 1 });
    await older.settled();
    const batch = older.newBatch();
    older.stage(transaction, 1, batch);
    const newer = await bench.open();
    expect(await errorOf(older.commit(batch))).toMatchObject({ code: 'STORE_FENCED' });
    expect(await bench.held()).toEqual({ a: [] });
    await errorOf(older.close());
    await newer.close();
  });
});

it('a session whose store was lost before it could listen is over', async () => {
  const bench = new SessionBench();
  const inner = bench.store;
  const lost = new StoreError('STORE_FENCED', 'gone');
  bench.store = Object.assign(new FaultyStore(inner), {
    async open(task: string, owner: string) {
      const state = await inner.open(task, owner);
      return { ...bound(state), lost: AbortSignal.abort(lost), fence: state.fence };
    },
  });
  const session = await bench.open();
  expect(await errorOf(session.acknowledged())).toBe(lost);
  await session.close();
});

type State = Awaited<ReturnType<MemoryStore['open']>>;

function bound(state: State): Omit<State, 'lost' | 'fence'> {
  return {
    get: (key) => state.get(key),
    list: (prefix) => state.list(prefix),
    write: (batch) => state.write(batch),
    close: () => state.close(),
  };
}
