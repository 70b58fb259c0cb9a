import assert from 'node:assert/strict';
import { isConnectorError } from '@aftercommit/runtime-adapter';
import { type ConnectorBench, type ConnectorCase, failure, refusal } from './connector-bench.js';
import { appended, appendedDocument, plain, plainDocument } from './connector-documents.js';

/** An epoch beyond what a double tells apart. */
const largeEpoch = 2n ** 60n;

/** I6: who was overtaken changes nothing. */
export const fenceCases: ConnectorCase[] = [
  {
    title: 'refuses to open with a lower epoch, while the later session is open and after it',
    async run(bench) {
      const lower = bench.nextEpoch();
      const session = await bench.open();
      await refusal(bench.open({ epoch: lower }), 'ENDPOINT_FENCED');
      await session.commit([plainDocument(1)]);
      await session.acknowledge();
      await session.close();
      await refusal(bench.open({ epoch: lower }), 'ENDPOINT_FENCED');
      await bench.assertRows(plain, [plainDocument(1)], 'after both refusals');
      assertInStep(bench, (await bench.open()).opened.runtimeCheckpoint);
    },
  },
  {
    title: 'says which epoch it has seen, and opens once more above it',
    async run(bench) {
      const lower = bench.nextEpoch();
      await (await bench.open({ epoch: largeEpoch })).close();
      const connector = bench.connect();
      const error = await failure(connector.open({ epoch: lower }), 'it was overtaken');
      assert.ok(isConnectorError(error) && error.code === 'ENDPOINT_FENCED', 'the error is ENDPOINT_FENCED');
      assert.equal(error.epoch, largeEpoch, 'the epoch that the endpoint has seen');
      await connector.open({ epoch: largeEpoch + 1n });
      await connector.acknowledge();
      await connector.close();
    },
  },
  {
    title: 'tells epochs apart that a double does not',
    async run(bench) {
      const zombie = await bench.open({ epoch: largeEpoch });
      await zombie.store([plainDocument(1)]);
      const successor = await bench.open({ epoch: largeEpoch + 1n });
      await refusal(bench.open({ epoch: largeEpoch }), 'ENDPOINT_FENCED');
      await refusal(zombie.startCommit(), 'ENDPOINT_FENCED');
      await successor.commit([plainDocument(2)]);
      await successor.acknowledge();
      await bench.assertRows(plain, [plainDocument(2)], 'after the successor committed');
    },
  },
  {
    title: 'fences startCommit of a session that was overtaken right after store',
    async run(bench) {
      await bench.write([plainDocument(1, { v: 1 })]);
      const zombie = await bench.open();
      await zombie.store([plainDocument(1, { v: 2 }), plainDocument(2)]);
      const successor = await bench.open();
      await refusal(zombie.startCommit(), 'ENDPOINT_FENCED');
      await successor.acknowledge();
      await bench.assertRows(plain, [plainDocument(1, { v: 1 })], 'after the zombie was refused');
      assertInStep(bench, (await bench.open()).opened.runtimeCheckpoint);
    },
  },
  {
    title: 'fences startCommit of a session whose successor committed, and keeps what that one committed',
    async run(bench) {
      const zombie = await bench.open();
      await zombie.commit([plainDocument(1, { v: 1 })]);
      await zombie.store([plainDocument(1, { v: 'zombie' }), plainDocument(2)]);
      const successor = await bench.open();
      await successor.commit([plainDocument(1, { v: 2 })]);
      await refusal(zombie.startCommit(), 'ENDPOINT_FENCED');
      const next = await bench.open();
      assertInStep(bench, next.opened.runtimeCheckpoint);
      await next.commit([plainDocument(3)]);
      await next.acknowledge();
      await bench.assertRows(plain, [plainDocument(1, { v: 2 }), plainDocument(3)], 'after the zombie was refused');
    },
  },
  {
    title: 'fences startCommit without documents',
    async run(bench) {
      const zombie = await bench.open();
      await zombie.store([]);
      await bench.open();
      await refusal(zombie.startCommit(), 'ENDPOINT_FENCED');
      assertInStep(bench, (await bench.open()).opened.runtimeCheckpoint);
    },
  },
  {
    title: 'goes on when an overtaken session closes',
    async run(bench) {
      const zombie = await bench.open();
      await zombie.store([plainDocument(1)]);
      const successor = await bench.open();
      await successor.store([plainDocument(2)]);
      await zombie.close();
      bench.keep(await successor.startCommit());
      await successor.acknowledge();
      await bench.assertRows(plain, [plainDocument(2)], 'after the zombie closed');
    },
  },
  {
    title: 'applies nothing for an overtaken session whose staging its successor removed',
    owner: 'store',
    async run(bench) {
      const zombie = await bench.open();
      await zombie.store([plainDocument(1)]);
      await zombie.startCommit();
      const successor = await bench.open();
      await successor.acknowledge();
      // Fenced, or its staging is lost: both are right.
      await failure(zombie.acknowledge(), 'there is nothing to apply');
      await bench.assertRows(plain, [], 'after both acknowledged');
    },
  },
  {
    title: 'keeps what its successor staged when an overtaken session acknowledges',
    owner: 'store',
    async run(bench) {
      const lost = await bench.open();
      await lost.store([plainDocument(1)]);
      await lost.startCommit();
      const zombie = await bench.open();
      await (await bench.open()).commit([plainDocument(2)]);
      // Fenced, or nothing to do: both are right.
      await Promise.allSettled([zombie.acknowledge()]);
      await (await bench.open()).acknowledge();
      await bench.assertRows(plain, [plainDocument(2)], 'after both acknowledged');
    },
  },
  ...(['after', 'before'] as const).map(
    (order): ConnectorCase => ({
      title: `applies once what an overtaken session acknowledges ${order} its successor`,
      owner: 'store',
      needs: 'hasDeltaBinding',
      async run(bench) {
        const zombie = await bench.open();
        await zombie.commit([appendedDocument(1)]);
        const successor = await bench.open();
        // The store committed it, so that showing it is no fault. Being fenced is none either.
        if (order === 'before') await Promise.allSettled([zombie.acknowledge()]);
        await successor.acknowledge();
        if (order === 'after') await Promise.allSettled([zombie.acknowledge()]);
        await bench.assertRows(appended, [appendedDocument(1)], 'after both acknowledged');
      },
    }),
  ),
];

/** An endpoint that owns the runtime checkpoint has the one that the store has. The other has none. */
function assertInStep(bench: ConnectorBench, found: unknown): void {
  const isOwner = bench.subject.runtimeCheckpointOwner === 'endpoint';
  assert.equal(JSON.stringify(found), isOwner ? JSON.stringify(bench.kept.runtimeCheckpoint) : undefined);
}
