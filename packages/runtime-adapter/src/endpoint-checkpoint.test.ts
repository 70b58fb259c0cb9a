import type { TriggerConfig } from '@aftercommit/models';
import { MemoryStore } from '@aftercommit/persistence';
import { describe, expect, it } from 'vitest';
import { Endpoint } from '../test/endpoint.js';
import { errorOf, materialization, SessionBench, triggerConfig } from '../test/session-bench.js';
import type { TriggerSession } from './trigger-session.js';

/** One transaction whose rows the endpoint commits; the store's write follows unless the process dies before it. */
async function transact(
  session: TriggerSession,
  endpoint: Endpoint,
  docs: number,
  dies: 'dies before the store' | 'lives' = 'lives',
): Promise<void> {
  await session.acknowledged();
  const transaction = session.begin();
  for (let count = 0; count < docs; count += 1) transaction.add(0, { bytes: 1 });
  await session.settled();
  const batch = session.newBatch();
  endpoint.commit(session.epoch, docs, session.stage(transaction, { rows: endpoint.rows + docs }, batch));
  if (dies === 'lives') await session.commit(batch);
}

function decisions(bench: SessionBench): string[] {
  return bench.events.flatMap((event) => (event.event === 'opened' ? event.runtimeCheckpoint : []));
}

describe('an endpoint that commits the runtime checkpoint with its rows', () => {
  it('is new, then in step', async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    expect(session.position).toBeUndefined();
    expect(endpoint.epoch).toBe(session.epoch);
    await transact(session, endpoint, 1);
    await transact(session, endpoint, 2);
    await session.close();
    const next = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    expect(next.position).toEqual({ rows: 3 });
    await bench.acknowledge(next);
    expect(bench.attempted).toEqual([1, 2]);
    expect(decisions(bench)).toEqual(['new', 'in-step']);
    await next.close();
  });

  it.each([0, 1, 3])('is one ahead when the process died between both commits, after %d others', async (others) => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    for (let number = 1; number <= others; number += 1) await transact(session, endpoint, number);
    await transact(session, endpoint, 7, 'dies before the store');
    const next = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    expect(next.position).toEqual({ rows: endpoint.rows });
    expect(decisions(bench).at(-1)).toBe('one-ahead');
    expect((await bench.held())['a']?.at(-1)).toBe(7);
    expect(bench.attempted).not.toContain(7);
    await transact(next, endpoint, 8);
    await bench.acknowledge(next);
    expect(bench.attempted.slice(-2)).toEqual([7, 8]);
    const runIds = bench.kind.attempts.map(({ variables }) => variables.run_id);
    expect(runIds).toEqual([...new Set(runIds)].sort());
    await next.close();
  });

  it('is one ahead with a transaction that had no documents', async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    await transact(session, endpoint, 0, 'dies before the store');
    const next = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    expect(decisions(bench).at(-1)).toBe('one-ahead');
    expect(await bench.held()).toEqual({ a: [] });
    await next.close();
    const again = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    expect(decisions(bench).at(-1)).toBe('in-step');
    await again.close();
  });

  it('is adopted once, though openings die too', async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    await transact(session, endpoint, 7, 'dies before the store');
    for (let opening = 0; opening < 3; opening += 1) await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    expect(await bench.held()).toEqual({ a: [7] });
    expect(decisions(bench)).toEqual(['new', 'one-ahead', 'in-step', 'in-step']);
  });

  it('gives its window to every trigger, and to the outbox that just lost its partner', async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(['a', 'b'], { endpointCheckpoint: endpoint.open });
    await transact(session, endpoint, 7, 'dies before the store');
    const next = await bench.open(['b', 'c'], { endpointCheckpoint: endpoint.open });
    expect(await bench.held()).toEqual({ a: [7], b: [7], c: [7] });
    await bench.acknowledge(next);
    expect(bench.kind.attempts.map(({ target }) => target)).toEqual(['b', 'c']);
    await next.close();
    const returned = await bench.open(['a', 'b'], { endpointCheckpoint: endpoint.open });
    await bench.acknowledge(returned);
    expect(bench.kind.attempts.map(({ target }) => target)).toEqual(['b', 'c', 'a']);
    await returned.close();
  });

  it('is taken over with its window, and loudly, by a store that never committed', async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    await transact(session, endpoint, 1);
    await transact(session, endpoint, 2);
    await session.close();
    bench.store = new MemoryStore({ now: () => bench.clock.now() });
    const warnings: string[] = [];
    const logger = { info() {}, warn: (message: string) => void warnings.push(message) };
    const environment = { clock: bench.clock, logger };
    const next = await bench.open(['a'], { endpointCheckpoint: endpoint.open, environment });
    expect(decisions(bench).at(-1)).toBe('taken-over');
    expect(warnings).toEqual([expect.stringContaining(`${materialization}: goes on from the endpoint's`)]);
    expect(next.position).toEqual({ rows: 3 });
    expect(await bench.held()).toEqual({ a: [2] });
    await bench.acknowledge(next);
    await transact(next, endpoint, 3);
    await bench.acknowledge(next);
    expect(bench.attempted.slice(-2)).toEqual([2, 3]);
    await next.close();
  });
});

describe('a runtime checkpoint that follows from neither side', () => {
  /** The endpoint has 1, the store 1 to 3; the deliveries of 3 wait. */
  async function restored(
    triggers: Array<string | TriggerConfig> = ['a'],
  ): Promise<{ bench: SessionBench; endpoint: Endpoint }> {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(triggers, { endpointCheckpoint: endpoint.open });
    await transact(session, endpoint, 1);
    const copy = endpoint.copy();
    await transact(session, endpoint, 2);
    await transact(session, endpoint, 3);
    await session.close();
    return { bench, endpoint: copy };
  }

  it('is refused, saying what to do, and changes nothing', async () => {
    const { bench, endpoint } = await restored();
    const before = await bench.store.read(materialization);
    expect(await errorOf(bench.open(['a'], { endpointCheckpoint: endpoint.open }))).toMatchObject({
      code: 'CHECKPOINT_DIVERGED',
      message: expect.stringMatching(/acme\/orders.*2024.*2024.*acceptEndpointCheckpoint.*goes on from there/),
    });
    expect(await bench.store.read(materialization)).toEqual(before);
    expect(bench.kind.opened).toBe(1);
  });

  it("is the endpoint's once that was accepted, and stays so", async () => {
    const { bench, endpoint } = await restored();
    const given = { endpointCheckpoint: endpoint.open };
    const session = await bench.open(['a'], { ...given, acceptEndpointCheckpoint: true });
    expect(session.position).toEqual({ rows: 1 });
    expect(decisions(bench).at(-1)).toBe('taken-over');
    await transact(session, endpoint, 4);
    await bench.acknowledge(session);
    await session.close();
    expect((await bench.held())['a']).toEqual([]);
    const next = await bench.open(['a'], given);
    expect(decisions(bench).at(-1)).toBe('in-step');
    expect(next.position).toEqual({ rows: 5 });
    await next.close();
  });

  it('leaves what waits in front of new transactions, though the clock was stepped back', async () => {
    const seldom = [triggerConfig('a', { interval: '1m' })];
    const { bench, endpoint } = await restored(seldom);
    bench.clock.step(-60_000);
    const session = await bench.open(seldom, { endpointCheckpoint: endpoint.open, acceptEndpointCheckpoint: true });
    await transact(session, endpoint, 4);
    expect(await bench.held()).toEqual({ a: [2, 3, 1, 4] });
    await bench.acknowledge(session);
    // The receiver may have seen the key of the first transaction before: nothing is united with it.
    for (const minutes of [1, 2, 3]) await bench.clock.advance(60_000 * minutes);
    expect(bench.attempted).toEqual([1, 5, 1, 4]);
    await session.close();
  });

  it('unites nothing that was delivered before, though the endpoint comes back one transaction after another', async () => {
    const often = [triggerConfig('a', { interval: '1m' })];
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(often, { endpointCheckpoint: endpoint.open });
    const copies: Endpoint[] = [];
    for (const rows of [1, 2]) {
      await transact(session, endpoint, rows);
      copies.push(endpoint.copy());
      await bench.acknowledge(session);
      await bench.clock.advance(60_000);
    }
    await session.close();
    const [first, second] = copies.map((copy) => ({ endpointCheckpoint: copy.open }));
    await (await bench.open(often, { ...first, acceptEndpointCheckpoint: true })).close();
    const next = await bench.open(often, { ...second });
    expect(decisions(bench).at(-1)).toBe('one-ahead');
    const [, later = new Endpoint()] = copies;
    await transact(next, later, 30);
    await bench.acknowledge(next);
    for (let minute = 0; minute < 4; minute += 1) await bench.clock.advance(60_000);
    await next.close();
    const contents = new Map<string, Set<number>>();
    for (const { idempotencyKey, variables } of bench.kind.attempts) {
      contents.set(idempotencyKey, (contents.get(idempotencyKey) ?? new Set()).add(variables.docs_total));
    }
    expect([...contents.values()].map((docs) => [...docs])).toEqual([[1], [2], [30]]);
  });

  it('never gives a run id out again, though the session that accepted died and the clock was stepped back', async () => {
    const { bench, endpoint } = await restored();
    bench.clock.step(-3_600_000);
    const given = { endpointCheckpoint: endpoint.open };
    const accepting = await bench.open(['a'], { ...given, acceptEndpointCheckpoint: true });
    await bench.acknowledge(accepting);
    await accepting.close();
    const session = await bench.open(['a'], given);
    await bench.acknowledge(session);
    for (const rows of [40, 50]) {
      await transact(session, endpoint, rows);
      await bench.acknowledge(session);
    }
    await session.close();
    // What waited, what the endpoint gave back, and what is new.
    expect(bench.attempted).toEqual([1, 2, 3, 1, 40, 50]);
    const runIds = bench.kind.attempts.map(({ variables }) => variables.run_id);
    for (const runId of runIds.slice(-2)) {
      for (const earlier of runIds.slice(0, 4)) expect(runId > earlier, `${runId} after ${earlier}`).toBe(true);
    }
    expect(new Set(bench.kind.attempts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(5);
  });

  it('is met by a deleted endpoint, too', async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    await transact(session, endpoint, 1);
    await session.close();
    const empty = new Endpoint();
    const given = { endpointCheckpoint: empty.open };
    expect(await errorOf(bench.open(['a'], given))).toMatchObject({ code: 'CHECKPOINT_DIVERGED' });
    const accepted = await bench.open(['a'], { ...given, acceptEndpointCheckpoint: true });
    expect(accepted.position).toBeUndefined();
    await transact(accepted, empty, 2);
    await bench.acknowledge(accepted);
    expect(bench.attempted).toEqual([1, 2]);
    await accepted.close();
    const next = await bench.open(['a'], given);
    expect(next.position).toEqual({ rows: 2 });
    await next.close();
  });

  it('is met by a store that is two behind', async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    await transact(session, endpoint, 1);
    await session.close();
    endpoint.checkpoint = { ...(endpoint.checkpoint as object), transactionId: 'x', parentId: 'y' };
    const failure = await errorOf(bench.open(['a'], { endpointCheckpoint: endpoint.open }));
    expect(failure).toMatchObject({ code: 'CHECKPOINT_DIVERGED' });
  });

  it("is met when the endpoint's was the owner and is asked no more", async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    await transact(session, endpoint, 1);
    await session.close();
    expect(await errorOf(bench.open(['a']))).toMatchObject({ code: 'CHECKPOINT_DIVERGED' });
  });

  it('is not reported by an opener that was fenced while it looked', async () => {
    const { bench, endpoint } = await restored();
    const frozen = bench.open(['a'], {
      endpointCheckpoint: async (epoch) => {
        const answer = await endpoint.open(epoch);
        await bench.store.open(materialization, 'successor');
        return answer;
      },
    });
    expect(await errorOf(frozen)).toMatchObject({ code: 'STORE_FENCED' });
  });

  it('is not reported by an opener that was fenced while it looked at what is none', async () => {
    const bench = new SessionBench();
    const frozen = bench.open(['a'], {
      endpointCheckpoint: async () => {
        await bench.store.open(materialization, 'successor');
        return 'garbage';
      },
    });
    expect(await errorOf(frozen)).toMatchObject({ code: 'STORE_FENCED' });
  });
});

describe('the owner of the runtime checkpoint', () => {
  it('can change from the store to the endpoint, also with a crash in its first transaction', async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const session = await bench.open();
    await bench.transact(session, 1, { rows: 1 });
    await session.close();
    const changed = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    expect(decisions(bench).at(-1)).toBe('store');
    expect(changed.position).toEqual({ rows: 1 });
    await transact(changed, endpoint, 2, 'dies before the store');
    const next = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    expect(decisions(bench).at(-1)).toBe('one-ahead');
    await bench.acknowledge(next);
    expect(bench.attempted).toEqual([1, 2]);
    await next.close();
  });

  it('is asked only by an opener that holds the task', async () => {
    const [bench, endpoint] = [new SessionBench(), new Endpoint()];
    const older = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    const newer = await bench.open(['a'], { endpointCheckpoint: endpoint.open });
    expect(() => endpoint.commit(older.epoch, 1, null)).toThrow('fenced');
    await transact(newer, endpoint, 1);
    expect(await errorOf(transact(older, endpoint, 1))).toBeDefined();
    expect(endpoint.rows).toBe(1);
    await errorOf(older.close());
    await newer.close();
  });
});

it.each([
  ['garbage', 'garbage'],
  ['null', null],
  ['an older format', { runtimeCheckpoint: 1 }],
])('an endpoint that gives back %s is told so, and nothing is opened', async (_what, answer) => {
  const bench = new SessionBench();
  const failure = await errorOf(bench.open([triggerConfig('a')], { endpointCheckpoint: async () => answer }));
  expect(failure).toMatchObject({ code: 'CHECKPOINT_INVALID', message: expect.stringContaining('acme/orders') });
  expect(await bench.store.read(materialization)).toEqual([]);
  expect(bench.kind.opened).toBe(0);
});
