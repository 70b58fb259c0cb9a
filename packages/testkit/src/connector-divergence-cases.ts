import { type ConnectorBench, type ConnectorCase, refusal } from './connector-bench.js';
import { assertAnswers, keysOf, plain, plainDocument } from './connector-documents.js';
import type { Kept } from './connector-kept.js';

const first = [plainDocument(1, { v: 1 }), plainDocument(2)];

/** What a connector says, and does not throw, when the endpoint does not go with its state; and that it can be accepted. */
export const divergenceCases: ConnectorCase[] = [
  {
    title: 'finds rows that were applied and that no state knows of: CHECKPOINT_DIVERGED',
    owner: 'store',
    async run(bench) {
      await bench.write(first);
      await bench.openDiverged('CHECKPOINT_DIVERGED', { kept: {} });
      await bench.open();
    },
  },
  {
    title: 'finds an earlier state than what was applied: ENDPOINT_LOST_STAGING',
    owner: 'store',
    async run(bench) {
      await bench.write(first);
      const earlier = bench.kept;
      await bench.write([plainDocument(1, { v: 2 })]);
      await bench.openDiverged('ENDPOINT_LOST_STAGING', { kept: earlier });
      await bench.open();
    },
  },
  {
    title: 'finds a staging lost that the state names: ENDPOINT_LOST_STAGING',
    owner: 'store',
    needs: 'loseStagings',
    async run(bench) {
      const session = await bench.open();
      await session.commit(first);
      await session.close();
      await bench.subject.loseStagings?.(bench.endpoint);
      for (const _ of [1, 2]) await bench.openDiverged('ENDPOINT_LOST_STAGING');
    },
  },
  {
    title: 'fails to acknowledge when its staging is lost under the session',
    owner: 'store',
    needs: 'loseStagings',
    async run(bench) {
      const session = await bench.open();
      await session.commit(first);
      await bench.subject.loseStagings?.(bench.endpoint);
      await refusal(session.acknowledge(), 'ENDPOINT_LOST_STAGING');
    },
  },
  {
    title: 'goes on from an accepted CHECKPOINT_DIVERGED, over the rows that are there',
    owner: 'store',
    async run(bench) {
      await bench.write(first);
      await assertAccepted(bench, 'CHECKPOINT_DIVERGED', {});
    },
  },
  {
    title: 'goes on from an accepted ENDPOINT_LOST_STAGING, over the rows that are there',
    owner: 'store',
    async run(bench) {
      const session = await bench.open();
      await session.store([plainDocument(3)]);
      const lost = await session.startCommit();
      await bench.write(first);
      await assertAccepted(bench, 'ENDPOINT_LOST_STAGING', lost);
    },
  },
  {
    title: 'finds no divergence any more when the acceptance is all that the store wrote',
    owner: 'store',
    async run(bench) {
      const session = await bench.open();
      await session.store([plainDocument(3)]);
      const lost = await session.startCommit();
      await bench.write(first);
      const accepting = await bench.openDiverged('ENDPOINT_LOST_STAGING', { kept: lost });
      await accepting.acknowledge();
      bench.keep(accepting.known);
      await (await bench.open()).acknowledge();
      await bench.assertRows(plain, first, 'after the acceptance');
    },
  },
];

async function assertAccepted(
  bench: ConnectorBench,
  code: 'CHECKPOINT_DIVERGED' | 'ENDPOINT_LOST_STAGING',
  kept: Kept,
): Promise<void> {
  const accepting = await bench.openDiverged(code, { kept });
  assertAnswers(await accepting.lookUp(keysOf(first)), first);
  await accepting.storeLoaded([plainDocument(1, { v: 'accepted' })]);
  bench.keep(await accepting.startCommit());
  const rows = [plainDocument(1, { v: 'accepted' }), plainDocument(2)];
  await (await bench.open()).acknowledge();
  await bench.assertRows(plain, rows, 'after the acceptance');
  await bench.open();
}
