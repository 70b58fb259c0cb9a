import assert from 'node:assert/strict';
import { type Store, type TaskState, WriteBatch } from '@aftercommit/persistence';
import { refusal, type StoreBench, type StoreCase } from './store-bench.js';

/** What a write does: all of it or nothing, in order. */
export const batchCases: StoreCase[] = [
  {
    title: 'applies puts and deletes, the last change of a key counting',
    async run(bench) {
      const { session } = await opened(bench);
      await session.write(new WriteBatch().put('gone', 1).put('changed', 1).put('kept', 1));
      await session.write(
        new WriteBatch().delete('gone').delete('never there').put('changed', 2).delete('back').put('back', 3),
      );
      assert.deepEqual(await session.list(''), [
        ['back', 3],
        ['changed', 2],
        ['kept', 1],
      ]);
      assert.equal(await session.get('gone'), undefined);
    },
  },
  {
    title: 'refuses a batch that requires an existing key to be absent, and goes on',
    async run(bench) {
      const { session } = await opened(bench);
      await session.write(new WriteBatch().requireAbsent('key').put('key', 1));
      const error = await refusal(
        session.write(new WriteBatch().requireAbsent('key').put('key', 2)),
        'STORE_KEY_EXISTS',
      );
      assert.equal(error.applied, 'no');
      assert.equal(await session.get('key'), 1);
      assert.ok(!session.lost.aborted);
      await session.write(new WriteBatch().put('key', 3));
      assert.equal(await session.get('key'), 3);
    },
  },
  {
    title: 'writes nothing when one of many requirements fails',
    async run(bench) {
      const { session } = await opened(bench);
      await session.write(new WriteBatch().put('m', 'there').put('doomed', 'there'));
      const batch = new WriteBatch().delete('doomed');
      for (const key of ['a', 'b', 'm', 'y', 'z']) batch.requireAbsent(key).put(key, 'new');
      await refusal(session.write(batch), 'STORE_KEY_EXISTS');
      assert.deepEqual(await session.list(''), [
        ['doomed', 'there'],
        ['m', 'there'],
      ]);
    },
  },
  {
    title: 'checks required absence against the state before the batch',
    async run(bench) {
      const { session } = await opened(bench);
      await session.write(new WriteBatch().put('key', 1));
      await refusal(session.write(new WriteBatch().delete('key').requireAbsent('key')), 'STORE_KEY_EXISTS');
      assert.equal(await session.get('key'), 1);
      await session.write(new WriteBatch().delete('key'));
      await session.write(new WriteBatch().put('key', null).requireAbsent('key'));
      await refusal(session.write(new WriteBatch().requireAbsent('key')), 'STORE_KEY_EXISTS');
    },
  },
  {
    title: 'requires absence in one task without looking at another',
    async run(bench) {
      const { store, session } = await opened(bench);
      const neighbour = await bench.open(store, 'neighbour');
      await neighbour.write(new WriteBatch().put('key', 1));
      await session.write(new WriteBatch().requireAbsent('key').put('key', 2));
      assert.equal(await neighbour.get('key'), 1);
    },
  },
  {
    title: 'changes nothing with an empty batch',
    async run(bench) {
      const { session } = await opened(bench);
      await session.write(new WriteBatch());
      assert.deepEqual(await session.list(''), []);
    },
  },
  {
    title: 'applies writes in the order in which they were begun',
    async run(bench) {
      const { session } = await opened(bench);
      const writes = Array.from({ length: 30 }, (_, index) =>
        session.write(
          new WriteBatch()
            .put('last', index)
            .put(`seen ${index}`, true)
            .requireAbsent(`seen ${index + 1}`),
        ),
      );
      const late = refusal(
        session.write(new WriteBatch().requireAbsent('seen 29').put('last', 'late')),
        'STORE_KEY_EXISTS',
      );
      await Promise.all(writes);
      await late;
      assert.equal(await session.get('last'), 29);
    },
  },
  {
    title: 'shows a read one consistent snapshot',
    async run(bench) {
      const { store, session } = await opened(bench);
      await session.write(new WriteBatch().put('left', 0).put('right', 0));
      const writes = Array.from({ length: 20 }, (_, index) =>
        session.write(new WriteBatch().put('left', index).put('right', index)),
      );
      const reads = await Promise.all(writes.map(() => store.read('task')));
      await Promise.all(writes);
      for (const entries of reads) {
        const [left, right] = entries;
        assert.deepEqual([left?.[0], right?.[0], entries.length], ['left', 'right', 2]);
        assert.equal(left?.[1], right?.[1]);
      }
      assert.deepEqual(await store.read('task'), await session.list(''));
    },
  },
];

async function opened(bench: StoreBench): Promise<{ store: Store; session: TaskState }> {
  const store = await bench.create();
  return { store, session: await bench.open(store) };
}
