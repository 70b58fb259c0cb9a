import assert from 'node:assert/strict';
import { WriteBatch } from '@aftercommit/persistence';
import { refusal, type StoreCase } from './store-bench.js';

/** What ends and what goes on when sessions and stores are closed. */
export const closingCases: StoreCase[] = [
  {
    title: 'keeps the successor writing when a zombie closes',
    async run(bench) {
      const store = await bench.create();
      const zombie = await bench.open(store);
      const successor = await bench.open(store);
      await successor.write(new WriteBatch().put('key', 1));
      await zombie.close();
      await successor.write(new WriteBatch().put('key', 2));
      assert.deepEqual(await store.read('task'), [['key', 2]]);
    },
  },
  {
    title: 'closes a fenced session quietly',
    async run(bench) {
      const store = await bench.create();
      const zombie = await bench.open(store);
      const successor = await bench.open(store);
      await refusal(zombie.get('key'), 'STORE_FENCED');
      await zombie.close();
      await zombie.close();
      await successor.write(new WriteBatch().put('key', 1));
    },
  },
  {
    title: 'ends a session when it is closed, twice if need be, and keeps what it wrote',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      await session.write(new WriteBatch().put('key', 1));
      await session.close();
      await session.close();
      await refusal(session.get('key'), 'STORE_CLOSED');
      await refusal(session.list(''), 'STORE_CLOSED');
      await refusal(session.write(new WriteBatch().put('key', 2)), 'STORE_CLOSED');
      assert.ok(!session.lost.aborted, 'a session that its owner closed is not lost');
      const next = await bench.open(store);
      assert.ok(next.fence.epoch > session.fence.epoch);
      assert.equal(await next.get('key'), 1);
    },
  },
  {
    title: 'refuses every verb of a closed store and its sessions, and closes twice',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      await store.close();
      await store.close();
      await refusal(store.tasks(), 'STORE_CLOSED');
      await refusal(store.open('task', 'owner'), 'STORE_CLOSED');
      await refusal(store.read('task'), 'STORE_CLOSED');
      await refusal(store.request('task', 1), 'STORE_CLOSED');
      await refusal(session.get('key'), 'STORE_CLOSED');
      await refusal(session.list(''), 'STORE_CLOSED');
      await refusal(session.write(new WriteBatch()), 'STORE_CLOSED');
      await session.close();
    },
  },
  {
    title: 'keeps keys, tasks and epochs over a reopen',
    needs: 'reopen',
    async run(bench) {
      const clock = { now: 1_700_000_000_000 };
      const store = await bench.create({ now: () => clock.now });
      const before = await bench.open(store);
      await before.write(new WriteBatch().put('a', [1]).put('b', null).put('c', 3));
      await before.write(new WriteBatch().delete('c'));
      const reopened = await bench.reopen(store);
      assert.deepEqual(await reopened.tasks(), ['task']);
      assert.deepEqual(await reopened.read('task'), [
        ['a', [1]],
        ['b', null],
      ]);
      const after = await bench.open(reopened);
      assert.ok(after.fence.epoch > before.fence.epoch);
      assert.deepEqual(await after.list(''), await reopened.read('task'));
    },
  },
];
