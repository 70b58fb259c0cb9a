import { MemoryStore, type Store } from '@aftercommit/persistence';
import { taskKeys } from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { materialization, SessionBench } from '../test/session-bench.js';

/** The store, and what its sessions read of it. */
function readsOf(store: Store, { tells = true } = {}): { store: Store; reads: string[] } {
  const reads: string[] = [];
  const open = store.open.bind(store);
  store.open = async (...given) => {
    const state = await open(...given);
    const { get, list } = state;
    if (!tells) Object.assign(state, { onMessage: undefined });
    return Object.assign(state, {
      get: (key: string) => reads.push(key) && get.call(state, key),
      list: (prefix: string) => reads.push(prefix) && list.call(state, prefix),
    });
  };
  return { store, reads };
}

async function opened(given: { tells?: boolean } = {}) {
  const { store, reads } = readsOf(new MemoryStore(), given);
  const bench = new SessionBench(store);
  const session = await bench.open();
  // What is kept as evidence is read once: before the first commit, and before the first attempt.
  await bench.transact(session, 9);
  await bench.acknowledge(session);
  reads.length = 0;
  return { bench, session, reads };
}

describe('a session that runs', () => {
  it('reads nothing, as long as it commits through the store and nobody leaves a message', async () => {
    const { bench, session, reads } = await opened();
    for (let docs = 1; docs <= 3; docs += 1) await bench.transact(session, docs);
    await bench.acknowledge(session);
    expect(reads).toEqual([]);
    expect([bench.attempted, session.position]).toEqual([[9, 1, 2, 3], 3]);
    await session.close();
  });

  it('asks the store whether what it did not commit itself was committed', async () => {
    const { bench, session, reads } = await opened();
    const transaction = session.begin();
    transaction.add(0, { bytes: 1 });
    await session.settled();
    const batch = session.newBatch();
    session.stage(transaction, 10, batch);
    await bench.acknowledge(session);
    expect(reads).toEqual([taskKeys.commit(2)]);
    expect([bench.attempted, session.position]).toEqual([[9], 9]);
    await session.close();
  });

  it('looks for messages when the store tells of one, before what was committed may fire', async () => {
    const { bench, session, reads } = await opened();
    await bench.transact(session, 1);
    await bench.store.request(materialization, { request: 'drop-outbox', outbox: 'gone' });
    await session.acknowledged();
    expect(reads).toContain(taskKeys.mailbox);
    expect((await bench.store.read(materialization)).filter(([key]) => key.startsWith(taskKeys.mailbox))).toEqual([]);
    await session.close();
  });

  it('looks for messages at each acknowledge where the store tells nobody', async () => {
    const { bench, session, reads } = await opened({ tells: false });
    await bench.transact(session, 1);
    await bench.transact(session, 2);
    await session.acknowledged();
    expect(reads).toEqual([taskKeys.mailbox, taskKeys.mailbox, taskKeys.mailbox]);
    await session.close();
  });
});
