import assert from 'node:assert/strict';
import type { ConnectorCase } from './connector-bench.js';
import { compound, compoundDocument, plain, plainDocument } from './connector-documents.js';

const both = [plain, compound];

/** What a connector finds when it opens. */
export const openCases: ConnectorCase[] = [
  {
    title: 'says who keeps the runtime checkpoint before it is opened',
    async run(bench) {
      assert.equal(bench.connect().runtimeCheckpointOwner, bench.subject.runtimeCheckpointOwner);
    },
  },
  {
    title: 'finds a fresh endpoint without a runtime checkpoint, and every binding new',
    async run(bench) {
      const { opened, newBindings } = await bench.open();
      assert.equal(opened.runtimeCheckpoint, undefined);
      assert.deepEqual(newBindings, both);
    },
  },
  {
    title: 'finds the same when it is opened again and again without a commit',
    async run(bench) {
      for (let time = 1; time <= 3; time += 1) {
        const session = await bench.open();
        assert.equal(session.opened.runtimeCheckpoint, undefined);
        assert.deepEqual(session.newBindings, both);
        await session.lookUp([]);
        if (time !== 2) await session.close();
      }
    },
  },
  {
    title: 'finds a binding with rows not to be new, and one without new',
    async run(bench) {
      await bench.write([plainDocument(1)]);
      const session = await bench.open();
      assert.deepEqual(session.newBindings, [compound]);
      await session.commit([compoundDocument('a', 1)]);
      await session.acknowledge();
      assert.deepEqual((await bench.open()).newBindings, []);
    },
  },
  {
    title: 'finds a binding new whose documents never came to startCommit',
    async run(bench) {
      const session = await bench.open();
      await session.store([plainDocument(1), compoundDocument('a', 1)]);
      assert.deepEqual((await bench.open()).newBindings, both);
    },
  },
  {
    title: 'finds a binding not to be new whose staging is still to be applied',
    owner: 'store',
    async run(bench) {
      await (await bench.open()).commit([compoundDocument('a', 1)]);
      assert.deepEqual((await bench.open()).newBindings, [plain]);
    },
  },
  {
    title: 'finds a binding new whose staging the store did not commit',
    owner: 'store',
    async run(bench) {
      const session = await bench.open();
      await session.store([plainDocument(1)]);
      await session.startCommit();
      assert.deepEqual((await bench.open()).newBindings, both);
    },
  },
];
