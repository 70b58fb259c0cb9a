import type { Store } from '@aftercommit/persistence';
import { describe, expect, it } from 'vitest';
import { errorOf, materialization, SessionBench, triggerConfig, withWrites } from '../test/session-bench.js';

/** A task with two commits, of which the first was delivered. */
async function committedTwice(triggers = [triggerConfig('a')]): Promise<SessionBench> {
  const bench = new SessionBench();
  const session = await bench.open(triggers);
  await bench.transact(session, 1);
  await bench.acknowledge(session);
  await bench.transact(session, 2);
  await session.close();
  return bench;
}

/** The keys that each write of the bench's sessions changes. */
function writesOf(bench: SessionBench): string[][] {
  const writes: string[][] = [];
  bench.store = withWrites(bench.store, async (write, { changes }) => {
    writes.push([...changes.keys()]);
    await write();
  });
  return writes;
}

/** What sessions of the bench list, in order. */
function listsOf(bench: SessionBench): string[] {
  const lists: string[] = [];
  const { store } = bench;
  const open: Store['open'] = async (...given) => {
    const state = await store.open(...given);
    const list = state.list.bind(state);
    return Object.assign(state, {
      list: async (prefix: string) => {
        lists.push(prefix);
        return await list(prefix);
      },
    });
  };
  bench.store = Object.assign(Object.create(store) as Store, { open });
  return lists;
}

describe('an opening', () => {
  it('of a task of which nothing changed has nothing to write', async () => {
    const bench = await committedTwice();
    const writes = writesOf(bench);
    await (await bench.open()).close();
    expect(writes).toEqual([[]]);
  });

  it('writes what changed, and nothing else', async () => {
    const bench = await committedTwice([triggerConfig('a'), triggerConfig('b')]);
    const writes = writesOf(bench);
    await (await bench.open([triggerConfig('a'), triggerConfig('b', { timeout: '5s' }), triggerConfig('c')])).close();
    expect(writes).toEqual([['outbox/000002/about', 'outbox/000003/about', 'last-outbox']]);
  });

  it('that has nothing to write still finds out that it was fenced meanwhile', async () => {
    const bench = await committedTwice();
    const store = bench.store;
    bench.store = withWrites(store, async (write) => {
      await store.open(materialization, 'somebody else');
      await write();
    });
    expect(await errorOf(bench.open())).toMatchObject({ code: 'STORE_FENCED' });
    expect(bench.events.filter(({ event }) => event === 'opened')).toHaveLength(1);
  });

  it('reads nothing of what is only kept as evidence, and the session does once it needs it', async () => {
    const bench = await committedTwice();
    const lists = listsOf(bench);
    const session = await bench.open();
    expect(lists).toEqual(['commit/', 'outbox/', 'mailbox/']);
    await bench.acknowledge(session);
    await bench.transact(session, 3);
    await bench.acknowledge(session);
    await session.close();
    expect(lists.filter((prefix) => /^(?:done|committed)/.test(prefix))).toEqual(['done/000001/', 'committed/']);
  });

  it('removes with an outbox that nobody has any more how its deliveries ended', async () => {
    const bench = await committedTwice();
    const session = await bench.open();
    await bench.acknowledge(session);
    await session.close();
    const under = async (prefix: string): Promise<string[]> =>
      (await bench.store.read(materialization)).map(([key]) => key).filter((key) => key.startsWith(prefix));
    expect(await under('done/')).toHaveLength(2);
    await (await bench.open([])).close();
    expect([await under('done/'), await under('outbox/')]).toEqual([[], []]);
  });
});
