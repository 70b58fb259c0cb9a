import assert from 'node:assert/strict';
import { isStoreError, type Json, type Store, type TaskState, WriteBatch } from '@aftercommit/persistence';
import { failure, refusal, type StoreBench, type StoreCase } from './store-bench.js';

/** What writes of several sessions owe that are under way at one time, as when they share a transaction. */
export const sideBySideCases: StoreCase[] = [
  {
    title: 'applies the writes of many sessions side by side, each to its own task',
    async run(bench) {
      const { store, sessions } = await opened(bench, 20);
      await Promise.all(sessions.map((session, index) => session.write(new WriteBatch().put('key', index))));
      for (const [index, session] of sessions.entries()) {
        assert.deepEqual(await store.read(session.fence.task), [['key', index]]);
      }
    },
  },
  {
    title: 'applies what is written beside a write that is refused, and nothing of that one',
    async run(bench) {
      const { store, sessions } = await opened(bench, 5);
      const zombie = await bench.open(store, 'overtaken');
      const successor = await bench.open(store, 'overtaken');
      const taken = await bench.open(store, 'taken');
      await taken.write(new WriteBatch().put('there', 1));
      const noJson: Json = Object.assign([], { toJSON: () => undefined });
      const [first, ...others] = sessions.map((session) => () => session.write(both('applied')));
      const results = await Promise.allSettled([
        first?.(),
        zombie.write(both('of a zombie')),
        taken.write(both('too late').requireAbsent('there')),
        taken.write(both('no JSON').put('middle', noJson)),
        ...others.map((write) => write()),
        successor.write(both('applied')),
      ]);
      const [, fenced, exists, odd] = results;
      await refusal(outcome(fenced), 'STORE_FENCED');
      await refusal(outcome(exists), 'STORE_KEY_EXISTS');
      assert.ok((await failure(outcome(odd))) instanceof TypeError);
      const refused = new Set([fenced, exists, odd]);
      for (const result of results) if (!refused.has(result)) await outcome(result);
      for (const { fence } of [...sessions, successor]) assert.deepEqual(await store.read(fence.task), applied);
      assert.deepEqual(await store.read('taken'), [['there', 1]]);
      for (const session of [...sessions, taken, successor]) assert.ok(!session.lost.aborted, 'the others go on');
    },
  },
  {
    title: 'applies the writes of each session in their order, also beside those of others',
    async run(bench) {
      const { sessions } = await opened(bench, 8);
      const writes: Array<Promise<void>> = [];
      for (let round = 0; round < 10; round += 1) {
        for (const session of sessions) {
          const batch = new WriteBatch().put('last', round).put(`round ${round}`, true);
          writes.push(session.write(batch.requireAbsent(`round ${round + 1}`)));
        }
      }
      await Promise.all(writes);
      for (const session of sessions) assert.equal(await session.get('last'), 9);
    },
  },
  {
    title: 'has each write in the store when it resolves, also when others are still under way',
    async run(bench) {
      const { store, sessions } = await opened(bench, 8);
      const reader = bench.can('second') ? await bench.second(store) : store;
      const write = async (session: TaskState): Promise<void> => {
        for (let count = 0; count < 3; count += 1) {
          await session.write(new WriteBatch().put('count', count));
          assert.deepEqual(await reader.read(session.fence.task), [['count', count]]);
        }
      };
      await Promise.all(sessions.map(write));
    },
  },
  {
    title: 'leaves messages and opens tasks beside the writes of others',
    async run(bench) {
      const { store, sessions } = await opened(bench, 5);
      const [, messages, next] = await Promise.all([
        Promise.all(sessions.map((session) => session.write(both('applied')))),
        Promise.all(Array.from({ length: 5 }, (_, index) => store.request('asked', index))),
        bench.open(store, 'another'),
        bench.open(store, 'asked'),
      ]);
      assert.equal(messages.length, 5);
      await next.write(both('applied'));
      for (const { fence } of [...sessions, next]) assert.deepEqual(await store.read(fence.task), applied);
      const asked = await store.read('asked');
      assert.deepEqual(new Set(asked.map(([, value]) => value)), new Set([0, 1, 2, 3, 4]));
    },
  },
  {
    title: 'settles what was begun before it is closed: written, or refused and not written',
    needs: 'reopen',
    async run(bench) {
      const { store, sessions } = await opened(bench, 8);
      const writes = sessions.map((session) => session.write(both('applied')));
      const [results, reopened] = await Promise.all([Promise.allSettled(writes), bench.reopen(store)]);
      for (const [index, result] of results.entries()) {
        const found = await reopened.read(sessions[index]?.fence.task ?? '');
        if (result.status === 'fulfilled') assert.deepEqual(found, applied);
        else {
          assert.ok(isStoreError(result.reason), String(result.reason));
          if (result.reason.applied === 'no') assert.deepEqual(found, []);
        }
      }
    },
  },
];

const applied = [
  ['left', 'applied'],
  ['right', 'applied'],
];

function both(value: string): WriteBatch {
  return new WriteBatch().put('left', value).put('right', value);
}

async function outcome(result: PromiseSettledResult<unknown> | undefined): Promise<void> {
  if (result?.status === 'rejected') throw result.reason;
}

async function opened(bench: StoreBench, count: number): Promise<{ store: Store; sessions: TaskState[] }> {
  const store = await bench.create();
  const names = Array.from({ length: count }, (_, index) => `task ${index}`);
  return { store, sessions: await Promise.all(names.map((name) => bench.open(store, name))) };
}
