import assert from 'node:assert/strict';
import type { ConnectorCase } from './connector-bench.js';
import { assertAnswers, compound, keysOf, plain, plainDocument } from './connector-documents.js';

const first = [plainDocument(1, { v: 1 }), plainDocument(2)];
const second = [plainDocument(1, { v: 2 })];
const together = [plainDocument(1, { v: 2 }), plainDocument(2)];

/** A task whose runtime checkpoint changes its owner. */
export const handoverCases: ConnectorCase[] = [
  {
    title: 'takes over from a store: applies what it committed, and forgets a runtime checkpoint from before',
    owner: 'endpoint',
    needs: 'connectOther',
    async run(bench) {
      await bench.write(first);
      await (await bench.open({ isOther: true })).commit(second);
      const session = await bench.open();
      assert.equal(session.opened.runtimeCheckpoint, undefined, 'the store committed after it');
      assert.deepEqual(session.newBindings, [compound]);
      await bench.assertRows(plain, first, 'after open');
      assertAnswers(await session.lookUp(keysOf(first)), together);
      await bench.assertRows(plain, together, 'after acknowledge');
      assert.equal((await bench.open()).opened.runtimeCheckpoint, undefined);
    },
  },
  {
    title: 'takes over from a store, and finds its own commit with the state from before it and after it',
    owner: 'endpoint',
    needs: 'connectOther',
    async run(bench) {
      await (await bench.open({ isOther: true })).commit(first);
      const before = bench.kept;
      const session = await bench.open();
      await session.commit(second);
      for (const kept of [before, bench.kept]) {
        const { opened } = await bench.open({ kept });
        assert.equal(JSON.stringify(opened.runtimeCheckpoint), JSON.stringify(bench.kept.runtimeCheckpoint));
      }
      await bench.assertRows(plain, together, 'after both');
    },
  },
  {
    title: 'takes over from a store without what that did not commit',
    owner: 'endpoint',
    needs: 'connectOther',
    async run(bench) {
      await bench.write(first);
      const other = await bench.open({ isOther: true });
      await other.store(second);
      await other.startCommit();
      const session = await bench.open();
      assert.equal(JSON.stringify(session.opened.runtimeCheckpoint), JSON.stringify(bench.kept.runtimeCheckpoint));
      await session.commit([plainDocument(3)]);
      await bench.assertRows(plain, [...first, plainDocument(3)], 'after its own commit');
    },
  },
  {
    title: 'takes over from an endpoint: returns its runtime checkpoint until a staging of its own is committed',
    owner: 'store',
    needs: 'connectOther',
    async run(bench) {
      await (await bench.open({ isOther: true })).commit(first);
      const left = JSON.stringify(bench.kept.runtimeCheckpoint);
      const uncommitted = await bench.open();
      assert.equal(JSON.stringify(uncommitted.opened.runtimeCheckpoint), left);
      await uncommitted.store([plainDocument(3)]);
      await uncommitted.startCommit();
      const session = await bench.open();
      assert.equal(JSON.stringify(session.opened.runtimeCheckpoint), left);
      await session.commit(second);
      const next = await bench.open();
      assert.equal(next.opened.runtimeCheckpoint, undefined, 'the store committed after it');
      await next.acknowledge();
      await bench.assertRows(plain, together, 'after acknowledge');
      assert.equal((await bench.open()).opened.runtimeCheckpoint, undefined);
      assert.equal((await bench.open({ isOther: true })).opened.runtimeCheckpoint, undefined);
    },
  },
  {
    title: 'hands over to the other owner and back, with every row and no divergence',
    needs: 'connectOther',
    async run(bench) {
      for (let v = 1; v <= 6; v += 1) {
        const session = await bench.open({ isOther: v % 2 === 0 });
        await session.commit([plainDocument(1, { v }), plainDocument(v + 1)]);
        if (v > 3) await session.acknowledge();
        await session.close();
      }
      await (await bench.open()).acknowledge();
      const rows = [1, 2, 3, 4, 5, 6].map((v) => plainDocument(v + 1));
      await bench.assertRows(plain, [plainDocument(1, { v: 6 }), ...rows], 'after six sessions');
    },
  },
];
