import assert from 'node:assert/strict';
import type { ConnectorCase } from './connector-bench.js';
import { plain, plainDocument } from './connector-documents.js';

/** What is kept of the runtime checkpoint. */
export const checkpointCases: ConnectorCase[] = [
  {
    title: 'gives the runtime checkpoint back unchanged, byte for byte: ids, window and position',
    owner: 'endpoint',
    async run(bench) {
      const runtimeCheckpoint = bench.nextRuntimeCheckpoint('its parent');
      const session = await bench.open();
      await session.store([plainDocument(1)]);
      await session.startCommit(runtimeCheckpoint);
      const { opened } = await bench.open();
      assert.equal(JSON.stringify(opened.runtimeCheckpoint), JSON.stringify(runtimeCheckpoint));
    },
  },
  {
    title: 'gives back the runtime checkpoint that was committed last',
    owner: 'endpoint',
    async run(bench) {
      const session = await bench.open();
      for (let v = 1; v <= 3; v += 1) await session.commit([plainDocument(1, { v })]);
      assertFound(await bench.open(), bench.kept.runtimeCheckpoint);
      const next = await bench.open();
      await next.commit([]);
      await next.acknowledge();
      await next.close();
      assertFound(await bench.open(), bench.kept.runtimeCheckpoint);
    },
  },
  {
    title: 'gives back the runtime checkpoint of a commit that the store knows nothing of',
    owner: 'endpoint',
    async run(bench) {
      const session = await bench.open();
      await session.commit([plainDocument(1, { v: 1 })]);
      await session.store([plainDocument(1, { v: 2 })]);
      const { runtimeCheckpoint } = await session.startCommit();
      assertFound(await bench.open(), runtimeCheckpoint);
      assertFound(await bench.open({ kept: {} }), runtimeCheckpoint);
      await bench.assertRows(plain, [plainDocument(1, { v: 2 })], 'after the store lost its commit');
    },
  },
  {
    title: 'keeps the runtime checkpoint when a transaction is given up before startCommit',
    owner: 'endpoint',
    async run(bench) {
      const session = await bench.open();
      await session.commit([plainDocument(1)]);
      await session.store([plainDocument(2)]);
      await session.close();
      const next = await bench.open();
      assertFound(next, bench.kept.runtimeCheckpoint);
      await next.acknowledge();
      await next.acknowledge();
      assertFound(await bench.open(), bench.kept.runtimeCheckpoint);
    },
  },
  {
    title: 'has no runtime checkpoint of its own, neither staged nor applied',
    owner: 'store',
    async run(bench) {
      const session = await bench.open();
      await session.commit([plainDocument(1)]);
      assertFound(await bench.open(), undefined);
      const next = await bench.open();
      await next.acknowledge();
      assertFound(await bench.open(), undefined);
    },
  },
];

function assertFound({ opened }: { opened: { runtimeCheckpoint?: unknown } }, expected: unknown): void {
  assert.equal(JSON.stringify(opened.runtimeCheckpoint), JSON.stringify(expected));
}
