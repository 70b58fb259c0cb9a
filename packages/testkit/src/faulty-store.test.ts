import { MemoryStore, StoreError, WriteBatch } from '@aftercommit/persistence';
import { TaskSession } from '@aftercommit/persistence/implement';
import { expect, test } from 'vitest';
import { FaultyStore } from './faulty-store.js';

// Lost requests and replies of writes are met in the conformance cases.

test('meets a fault once, and only with the call it was asked for', async () => {
  const { store, session } = await opened();
  store.loseNext('lost-request');
  await store.request('task', 1);
  await expect(session.write(new WriteBatch())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', applied: 'no' });
  await session.write(new WriteBatch().put('key', 1));
  expect(await session.get('key')).toBe(1);
});

test('applies a write whose reply is lost, and not one that never arrived, telling the caller the same', async () => {
  for (const [fault, value] of [
    ['lost-reply', 1],
    ['lost-connection', undefined],
  ] as const) {
    const { memory, store, session } = await opened();
    store.loseNext(fault);
    const write = session.write(new WriteBatch().put('key', 1));
    await expect(write).rejects.toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN', applied: 'unknown' });
    expect(session.lost.reason).toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN' });
    expect((await memory.read('task'))[0]?.[1]).toBe(value);
  }
});

test('raises the epoch in an open whose reply is lost', async () => {
  const { store, session } = await opened();
  store.loseNext('lost-reply', 'open');
  await expect(store.open('task', 'next')).rejects.toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN' });
  await expect(session.get('key')).rejects.toMatchObject({ code: 'STORE_FENCED' });
});

test('loses requests of people', async () => {
  const { memory, store } = await opened();
  store.loseNext('lost-request', 'request');
  await expect(store.request('task', 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await memory.read('task')).toEqual([]);
});

test('hands on what the store learns about a session by itself', async () => {
  const inner = new TaskSession(
    { task: 'task', owner: 'owner', epoch: 1n },
    { get: async () => undefined, list: async () => [], write: async () => undefined },
  );
  const memory = new MemoryStore();
  const store = new FaultyStore(Object.assign(memory, { open: async () => inner }));
  const session = await store.open('task', 'owner');
  const reason = new StoreError('STORE_FENCED', 'somebody said so');
  inner.end(reason);
  expect(session.lost.reason).toBe(reason);
});

test('tells of messages when its inner store does', async () => {
  const { store, session } = await opened();
  let calls = 0;
  session.onMessage?.(() => {
    calls += 1;
  });
  await store.request('task', 1);
  expect(calls).toBe(1);
  await session.close();
  await store.request('task', 2);
  expect(calls).toBe(1);

  const silent = new TaskSession(
    { task: 'task', owner: 'owner', epoch: 1n },
    { get: async () => undefined, list: async () => [], write: async () => undefined },
  );
  const wrapped = await new FaultyStore(Object.assign(new MemoryStore(), { open: async () => silent })).open(
    'task',
    '',
  );
  expect(wrapped.onMessage).toBeUndefined();
});

async function opened() {
  const memory = new MemoryStore();
  const store = new FaultyStore(memory);
  return { memory, store, session: await store.open('task', 'owner') };
}
