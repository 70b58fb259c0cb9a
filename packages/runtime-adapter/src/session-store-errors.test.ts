import { isStoreError } from '@aftercommit/persistence';
import { type ConnectionFault, FaultyStore } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { errorOf, SessionBench, triggerConfig, withWrites } from '../test/session-bench.js';

const triggers = [triggerConfig('each'), triggerConfig('seldom', { interval: '1m' })];
const transactions = 3;

/** A bench whose n-th write meets a fault. 0: none does. Tells how many writes there were. */
function faultyBench(nth: number, fault: ConnectionFault): { bench: SessionBench; writes: () => number } {
  const bench = new SessionBench();
  const faulty = new FaultyStore(bench.store);
  let writes = 0;
  bench.store = withWrites(faulty, (write) => {
    writes += 1;
    if (writes === nth) faulty.loseNext(fault);
    return write();
  });
  return { bench, writes: () => writes };
}

/** Commits and delivers everything in one session, and leaves it to the caller when that fails. */
async function work(bench: SessionBench): Promise<void> {
  const session = await bench.open(triggers);
  try {
    for (let done = Number(session.position ?? 0); done < transactions; done += 1) {
      await bench.transact(session, done + 1);
    }
    await session.acknowledged();
    await session.settled();
    await bench.clock.advance(60_000);
    await session.settled();
  } finally {
    await session.close();
  }
}

/** As a supervisor does: begins again after each error of the store. */
async function untilDone(bench: SessionBench): Promise<number> {
  for (let failed = 0; failed < 5; failed += 1) {
    const error = await errorOf(work(bench));
    if (error === undefined) return failed;
    if (!isStoreError(error)) throw error;
  }
  throw new Error('it never ended');
}

async function writesOfOneRun(): Promise<number> {
  const { bench, writes } = faultyBench(0, 'lost-request');
  expect(await untilDone(bench)).toBe(0);
  return writes();
}

/** Documents per idempotency key, of what a target was asked to take. The same key always with the same. */
function received(bench: SessionBench, target: string): Map<string, number> {
  const seen = new Map<string, number>();
  for (const { idempotencyKey, variables } of bench.kind.attempts.filter((attempt) => attempt.target === target)) {
    expect(seen.get(idempotencyKey) ?? variables.docs_total).toBe(variables.docs_total);
    seen.set(idempotencyKey, variables.docs_total);
  }
  return seen;
}

const writeCount = await writesOfOneRun();

describe.each<ConnectionFault>(['lost-request', 'lost-reply', 'lost-connection'])(
  'a store that meets a %s',
  (fault) => {
    it('is asked for what the table covers', () => {
      // One opening, three commits, three clears for one lane; two takes and two clears for the other.
      expect(writeCount).toBe(11);
    });

    it.each(Array.from({ length: writeCount }, (_, index) => index + 1))('in write %d loses nothing', async (nth) => {
      const { bench } = faultyBench(nth, fault);
      expect(await untilDone(bench)).toBe(1);
      expect([...received(bench, 'each').values()]).toEqual([1, 2, 3]);
      expect([...received(bench, 'seldom').values()].reduce((sum, docs) => sum + docs, 0)).toBe(6);
      expect(await bench.held()).toEqual({ each: [], seldom: [] });
      // I7: at most the deliveries that were in flight are repeated.
      expect(bench.attempted.length).toBeLessThanOrEqual(3 + 2 + 2);
    });
  },
);

describe('the error of a store', () => {
  it('is what the call throws, and every later one', async () => {
    const bench = new SessionBench();
    const faulty = new FaultyStore(bench.store);
    bench.store = faulty;
    const session = await bench.open();
    await session.acknowledged();
    await session.settled();
    const batch = session.newBatch();
    session.stage(session.begin(), 1, batch);
    faulty.loseNext('lost-reply');
    const error = await errorOf(session.commit(batch));
    expect(error).toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN', applied: 'unknown' });
    expect(await errorOf(session.acknowledged())).toBe(error);
    expect(session.failed.reason).toBe(error);
    expect(await errorOf(session.close())).toBeUndefined();
    expect((await bench.open()).position).toBe(1);
  });

  it('in the opening write leaves the task closed and no trigger open', async () => {
    const bench = new SessionBench();
    const faulty = new FaultyStore(bench.store);
    bench.store = faulty;
    let closed = 0;
    const open = faulty.open.bind(faulty);
    faulty.open = async (task, owner) => {
      const state = await open(task, owner);
      const close = state.close.bind(state);
      return Object.assign(state, {
        close: () => {
          closed += 1;
          return close();
        },
      });
    };
    faulty.loseNext('lost-request');
    expect(await errorOf(bench.open())).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect([bench.kind.opened, bench.kind.closed, closed]).toEqual([0, 0, 1]);
  });
});
