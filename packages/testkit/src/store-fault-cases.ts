import assert from 'node:assert/strict';
import { WriteBatch } from '@aftercommit/persistence';
import { failure, refusal, type StoreCase } from './store-bench.js';

const before = [
  ['left', 'old'],
  ['right', 'old'],
];
const after = [
  ['left', 'new'],
  ['right', 'new'],
];

/** What a store owes that is reached over a network. */
export const faultCases: StoreCase[] = [
  {
    title: 'applies nothing of a write whose request is lost',
    needs: 'fail',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      await session.write(both('old'));
      await bench.fail(store, 'lost-request');
      const error = await failure(session.write(both('new')));
      assert.deepEqual(await store.read('task'), before);
      // A store that cannot know that nothing was sent must end the session instead.
      if (session.lost.aborted) {
        assert.equal(session.lost.reason, error);
        return;
      }
      await refusal(Promise.reject(error), 'STORE_UNAVAILABLE');
      await session.write(both('new'));
      assert.deepEqual(await session.list(''), after);
    },
  },
  {
    title: 'ends the session whose write has no reply, with all of the write applied or nothing',
    needs: 'fail',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      await session.write(both('old'));
      await bench.fail(store, 'lost-reply');
      const error = await refusal(session.write(both('new')), 'STORE_OUTCOME_UNKNOWN');
      assert.equal(error.applied, 'unknown');
      assert.ok(session.lost.aborted, 'lost aborts');
      assert.equal(session.lost.reason, error);
      for (const call of [() => session.get('left'), () => session.list(''), () => session.write(both('later'))]) {
        const refused = await failure(call());
        assert.ok(refused instanceof Error && 'endsSession' in refused && refused.endsSession === true);
      }
      const next = await bench.open(store);
      const found = await next.list('');
      assert.deepEqual(found, JSON.stringify(found) === JSON.stringify(before) ? before : after);
      await session.close();
      await next.write(both('next'));
    },
  },
  {
    title: 'leaves a zombie fenced whose write has no reply',
    needs: 'fail',
    async run(bench) {
      const store = await bench.create();
      const zombie = await bench.open(store);
      const successor = await bench.open(store);
      await successor.write(both('old'));
      await bench.fail(store, 'lost-reply');
      await failure(zombie.write(both('new')));
      assert.ok(zombie.lost.aborted);
      assert.deepEqual(await successor.list(''), before);
    },
  },
];

function both(value: string): WriteBatch {
  return new WriteBatch().put('left', value).put('right', value);
}
