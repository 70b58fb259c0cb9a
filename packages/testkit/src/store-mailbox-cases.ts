import assert from 'node:assert/strict';
import { WriteBatch } from '@aftercommit/persistence';
import { refusal, type StoreCase } from './store-bench.js';

/** What people read and ask for while a session has the task open. */
export const mailboxCases: StoreCase[] = [
  {
    title: 'reads without fencing the session',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      await session.write(new WriteBatch().put('key', 1));
      assert.deepEqual(await store.read('task'), [['key', 1]]);
      assert.deepEqual(await store.tasks(), ['task']);
      await session.write(new WriteBatch().put('key', 2));
      assert.ok(!session.lost.aborted);
    },
  },
  {
    title: 'puts requests under mailbox/, in order, without fencing the session',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      const sent = Array.from({ length: 12 }, (_, number) => ({ number }));
      for (const message of sent) await store.request('task', message);
      const messages = await session.list('mailbox/');
      assert.deepEqual(
        messages.map(([, value]) => value),
        sent,
      );
      assert.ok(messages.every(([key]) => key.startsWith('mailbox/') && key.length > 'mailbox/'.length));
      assert.ok(!session.lost.aborted);
    },
  },
  {
    title: 'never gives a later request the key of a deleted one',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      const seen = new Set<string>();
      for (const message of ['first', 'second', 'third']) {
        await store.request('task', message);
        const [[key, value] = ['', null]] = await session.list('mailbox/');
        assert.equal(value, message);
        assert.ok(!seen.has(key));
        seen.add(key);
        await session.write(new WriteBatch().delete(key).put('effect', message));
      }
      assert.deepEqual(await session.list(''), [['effect', 'third']]);
    },
  },
  {
    title: 'keeps a request for the session that opens the task later',
    async run(bench) {
      const store = await bench.create();
      const earlier = await bench.open(store);
      await earlier.close();
      await store.request('task', 'while nobody is there');
      const later = await bench.open(store);
      const messages = await later.list('mailbox/');
      assert.deepEqual(
        messages.map(([, value]) => value),
        ['while nobody is there'],
      );
    },
  },
  {
    title: 'keeps the requests of one task from another, and from its zombie',
    async run(bench) {
      const store = await bench.create();
      const zombie = await bench.open(store);
      const session = await bench.open(store);
      const neighbour = await bench.open(store, 'neighbour');
      await store.request('task', 1);
      assert.deepEqual(await neighbour.list(''), []);
      await refusal(zombie.list('mailbox/'), 'STORE_FENCED');
      assert.equal((await session.list('mailbox/')).length, 1);
    },
  },
  {
    title: 'shows a session the requests of another handle',
    needs: 'second',
    async run(bench) {
      const store = await bench.create();
      const other = await bench.second(store);
      const session = await bench.open(store);
      await Promise.all([store, other, store, other].map((handle, index) => handle.request('task', index)));
      const messages = await session.list('mailbox/');
      assert.deepEqual(new Set(messages.map(([, value]) => value)), new Set([0, 1, 2, 3]));
      await session.write(new WriteBatch());
    },
  },
];
