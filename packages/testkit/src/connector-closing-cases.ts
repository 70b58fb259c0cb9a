import assert from 'node:assert/strict';
import { type ConnectorCase, refusal, someTurns } from './connector-bench.js';
import { keysOf, plain, plainDocument } from './connector-documents.js';

/** How a session ends. */
export const closingCases: ConnectorCase[] = [
  {
    title: 'closes twice, at any moment of a transaction',
    async run(bench) {
      const idle = await bench.open();
      const stored = await bench.open();
      await stored.store([plainDocument(1)]);
      const committed = await bench.open();
      await committed.commit([plainDocument(2)]);
      for (const session of [idle, stored, committed]) {
        await session.close();
        await session.close();
      }
      await (await bench.open()).acknowledge();
      await bench.assertRows(plain, [plainDocument(2)], 'after every session closed');
    },
  },
  {
    title: 'closes without having been opened',
    async run(bench) {
      const connector = bench.connect();
      await bench.close(connector);
      await bench.close(connector);
    },
  },
  {
    title: 'closes after an error, twice',
    async run(bench) {
      const epoch = bench.nextEpoch();
      const zombie = await bench.open();
      await zombie.store([plainDocument(1)]);
      const successor = await bench.open();
      await refusal(zombie.startCommit(), 'ENDPOINT_FENCED');
      const refused = bench.connect();
      await refusal(refused.open({ epoch }), 'ENDPOINT_FENCED');
      for (const connector of [zombie.connector, refused]) {
        await bench.close(connector);
        await bench.close(connector);
      }
      await successor.commit([plainDocument(2)]);
      await successor.acknowledge();
      await bench.assertRows(plain, [plainDocument(2)], 'after the others closed');
    },
  },
  {
    title: 'ends a load that waits for acknowledge when it is closed',
    async run(bench) {
      await bench.write([plainDocument(1, { v: 'before' })]);
      await (await bench.open()).commit([plainDocument(1, { v: 'committed' })]);
      const session = await bench.open();
      // Ending without answers or with an error: both are right.
      const ended = Promise.allSettled([session.load(keysOf([plainDocument(1)]))]);
      await someTurns();
      await session.close();
      const [result] = await ended;
      if (result.status === 'fulfilled') {
        const isStale = result.value.some(({ document }) => document['v'] !== 'committed');
        assert.ok(!isStale, 'load() answered with what was there before the last commit');
      } else {
        assert.ok(!(result.reason instanceof assert.AssertionError), 'load() did not come to its end after close()');
      }
    },
  },
];
