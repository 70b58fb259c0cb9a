import assert from 'node:assert/strict';
import { jsonProblem } from '@aftercommit/models';
import { type ConnectorBench, type ConnectorCase, refusal } from './connector-bench.js';
import { appended, appendedDocument, compound, compoundDocument, plain, plainDocument } from './connector-documents.js';
import type { Kept } from './connector-kept.js';

const documents = [plainDocument(1, { v: 1 }), plainDocument(2), compoundDocument('a', 1)];

/** What a connector stages at startCommit, and applies when the store has committed. */
export const stagingCases: ConnectorCase[] = [
  {
    title: 'names each staging in a state that is JSON',
    owner: 'store',
    async run(bench) {
      const session = await bench.open();
      const states = new Set<string>();
      for (const stored of [documents, [plainDocument(3)], []]) {
        await session.store(stored);
        bench.keep(await session.startCommit());
        const { connectorState } = bench.kept;
        assert.ok(connectorState !== undefined, 'startCommit() returned no connector state');
        assert.equal(jsonProblem(connectorState, 'the connector state'), undefined);
        states.add(JSON.stringify(connectorState));
      }
      assert.equal(states.size, 3, 'two transactions have one connector state');
    },
  },
  {
    title: 'applies a staging that the state names when a later session acknowledges, not when it opens',
    owner: 'store',
    async run(bench) {
      await crashed(bench, { isCommitted: true });
      const next = await bench.open();
      await bench.assertRows(plain, [], 'after open');
      await next.acknowledge();
      await bench.assertRows(plain, documents, 'after acknowledge');
      await bench.assertRows(compound, documents, 'after acknowledge');
    },
  },
  {
    title: 'keeps a staging that the state names over many opens',
    owner: 'store',
    async run(bench) {
      await crashed(bench, { isCommitted: true });
      await (await bench.open()).close();
      await bench.open();
      await (await bench.open()).acknowledge();
      await bench.assertRows(plain, documents, 'after acknowledge');
    },
  },
  {
    title: 'removes nothing with an open that is given up: the right state put back still finds its staging',
    owner: 'store',
    async run(bench) {
      await bench.write([plainDocument(3)]);
      const earlier = bench.kept;
      await crashed(bench, { isCommitted: true });
      // Nobody acknowledges: the runtime refused to go on from these states.
      await (await bench.open({ kept: earlier })).close();
      await (await bench.openDiverged('CHECKPOINT_DIVERGED', { kept: {} })).close();
      const session = await bench.open();
      assert.deepEqual(session.newBindings, []);
      await session.acknowledge();
      await bench.assertRows(plain, [plainDocument(3), ...documents], 'after the right state was put back');
    },
  },
  {
    title: 'keeps a staging when its session closes',
    owner: 'store',
    async run(bench) {
      const session = await bench.open();
      await session.commit(documents);
      await session.close();
      await (await bench.open()).acknowledge();
      await bench.assertRows(plain, documents, 'after the next session acknowledged');
    },
  },
  {
    title: 'removes a staging that the store did not commit, and goes on without it',
    owner: 'store',
    async run(bench) {
      const lost = await crashed(bench, { isCommitted: false });
      const next = await bench.open();
      await next.commit([plainDocument(2, { v: 2 })]);
      await next.acknowledge();
      await bench.assertRows(plain, [plainDocument(2, { v: 2 })], 'after the next transaction');
      await bench.openDiverged('ENDPOINT_LOST_STAGING', { kept: lost });
    },
  },
  {
    title: 'removes no staging of its own epoch',
    owner: 'store',
    async run(bench) {
      const epoch = bench.nextEpoch();
      const session = await bench.open({ epoch });
      await session.store(documents);
      const staged = await session.startCommit();
      await (await bench.open({ epoch })).acknowledge();
      bench.keep(staged);
      await (await bench.open()).acknowledge();
      await bench.assertRows(plain, documents, 'after it was committed');
    },
  },
  {
    title: 'removes nothing when it refuses to open',
    owner: 'store',
    async run(bench) {
      const epoch = bench.nextEpoch();
      const staged = await crashed(bench, { isCommitted: false });
      await refusal(bench.open({ epoch }), 'ENDPOINT_FENCED');
      bench.keep(staged);
      await (await bench.open()).acknowledge();
      await bench.assertRows(plain, documents, 'after it was committed');
    },
  },
  {
    title: 'tells stagings of one transaction id by their epochs',
    owner: 'store',
    async run(bench) {
      const runtimeCheckpoint = bench.nextRuntimeCheckpoint();
      const first = await bench.open();
      await first.store([plainDocument(1, { v: 'first' })]);
      const lost = await first.startCommit(runtimeCheckpoint);
      const second = await bench.open();
      await second.store([plainDocument(1, { v: 'second' })]);
      await second.startCommit(runtimeCheckpoint);
      await bench.openDiverged('ENDPOINT_LOST_STAGING', { kept: lost });
      await bench.assertRows(plain, [], 'after the first one was asked for');
    },
  },
  {
    title: 'applies each staging once, however often it is acknowledged',
    owner: 'store',
    needs: 'hasDeltaBinding',
    async run(bench) {
      const session = await bench.open();
      await session.commit([appendedDocument(1)]);
      await session.acknowledge();
      await session.acknowledge();
      await session.commit([appendedDocument(2)]);
      await session.acknowledge();
      const next = await bench.open();
      await next.acknowledge();
      await next.acknowledge();
      await (await bench.open()).commit([]);
      await (await bench.open()).acknowledge();
      await bench.assertRows(appended, [appendedDocument(1), appendedDocument(2)], 'after all');
    },
  },
  {
    title: 'applies the staging of an empty transaction, whose state stays good',
    owner: 'store',
    async run(bench) {
      await bench.write(documents);
      await (await bench.open()).commit([]);
      await (await bench.open()).acknowledge();
      const next = await bench.open();
      await next.acknowledge();
      await bench.assertRows(plain, documents, 'after an empty transaction');
    },
  },
];

/** A session that ended after startCommit. What the store was to commit, and did if `isCommitted`. */
async function crashed(bench: ConnectorBench, { isCommitted }: { isCommitted: boolean }): Promise<Kept> {
  const session = await bench.open();
  await session.store(documents);
  const staged = await session.startCommit();
  if (isCommitted) bench.keep(staged);
  return staged;
}
