import type { StoreDocument } from '@aftercommit/runtime-adapter';
import { type ConnectorBench, type ConnectorCase, failure } from './connector-bench.js';
import {
  appended,
  appendedDocument,
  assertAnswers,
  compound,
  compoundDocument,
  keysOf,
  plain,
  plainDocument,
} from './connector-documents.js';

const documents = [plainDocument(1, { v: 1 }), plainDocument(2), compoundDocument('a', 1, { v: 1 })];

/** When a user of the endpoint sees what was stored. */
export const visibilityCases: ConnectorCase[] = [
  {
    title: 'shows rows with startCommit, and none before',
    owner: 'endpoint',
    async run(bench) {
      const session = await bench.open();
      await session.store(documents);
      await assertBoth(bench, [], 'before startCommit');
      await session.startCommit();
      await assertBoth(bench, documents, 'after startCommit');
    },
  },
  {
    title: 'shows rows with the acknowledge that follows startCommit, and none before',
    owner: 'store',
    async run(bench) {
      const session = await bench.open();
      await session.store(documents);
      await assertBoth(bench, [], 'before startCommit');
      bench.keep(await session.startCommit());
      await assertBoth(bench, [], 'after startCommit');
      await session.acknowledge();
      await assertBoth(bench, documents, 'after acknowledge');
    },
  },
  ...(['closed', 'left as it is'] as const).map(
    (end): ConnectorCase => ({
      title: `has nothing of a transaction that never came to startCommit, when its session is ${end}`,
      async run(bench) {
        const session = await bench.open();
        await session.store([...documents, plainDocument(3)]);
        if (end === 'closed') await session.close();
        const next = await bench.open();
        assertAnswers(await next.lookUp(keysOf(documents)), []);
        await next.storeLoaded([plainDocument(2, { v: 2 })]);
        bench.keep(await next.startCommit());
        await next.acknowledge();
        await assertBoth(bench, [plainDocument(2, { v: 2 })], 'after the next transaction');
      },
    }),
  ),
  {
    title: 'commits one transaction after the other in a session',
    async run(bench) {
      const session = await bench.open();
      await session.commit([plainDocument(1, { v: 1 }), plainDocument(2, { v: 1 })]);
      await session.commit([plainDocument(2, { v: 2 }), plainDocument(3, { v: 2 })]);
      await session.commit([compoundDocument('a', 1)]);
      await session.acknowledge();
      const rows = [
        plainDocument(1, { v: 1 }),
        plainDocument(2, { v: 2 }),
        plainDocument(3, { v: 2 }),
        compoundDocument('a', 1),
      ];
      await assertBoth(bench, rows, 'after three transactions');
    },
  },
  {
    title: 'keeps rows over sessions',
    async run(bench) {
      await bench.write(documents);
      await bench.write([plainDocument(9)]);
      await (await bench.open()).acknowledge();
      await assertBoth(bench, [...documents, plainDocument(9)], 'in the third session');
    },
  },
  {
    title: 'replaces whole documents, fields that are gone included',
    async run(bench) {
      await bench.write([plainDocument(1, { a: 1, b: { c: 1, d: 2 }, e: [1, 2] })]);
      await bench.write([plainDocument(1, { b: { c: 3 }, f: null })]);
      await assertBoth(bench, [plainDocument(1, { b: { c: 3 }, f: null })], 'after an update');
      await bench.write([plainDocument(1)]);
      await assertBoth(bench, [plainDocument(1)], 'after a second one');
    },
  },
  {
    title: 'replaces a value by one of another type',
    async run(bench) {
      const values = ['text', 7, null, { a: 1 }, true, [1], 1.5, 9007199254740993n, '7'];
      for (const v of values) {
        await bench.write([plainDocument(1, { v })]);
        await assertBoth(bench, [plainDocument(1, { v })], 'after an update');
      }
    },
  },
  {
    title: 'commits a transaction without documents',
    async run(bench) {
      const session = await bench.open();
      await session.commit([]);
      await session.commit([plainDocument(1)]);
      await session.commit([]);
      const next = await bench.open();
      await next.acknowledge();
      await assertBoth(bench, [plainDocument(1)], 'after empty transactions');
      await bench.open();
    },
  },
  {
    title: 'commits thousands of documents at once, all of them',
    async run(bench) {
      const many = Array.from({ length: 2500 }, (_, index) => plainDocument(index, { text: `document ${index}` }));
      await bench.write([...many, compoundDocument('a', 1)]);
      await assertBoth(bench, [...many, compoundDocument('a', 1)], 'after the transaction');
    },
  },
  {
    title: 'appends every document of a delta binding, also of one key, in one transaction and the next',
    needs: 'hasDeltaBinding',
    async run(bench) {
      const [first, second] = [appendedDocument(1, { v: 1 }), appendedDocument(1, { v: 2 })];
      await bench.write([first, first, second, appendedDocument(2), plainDocument(1)]);
      await bench.write([first, plainDocument(1)]);
      await bench.assertRows(appended, [first, first, first, second, appendedDocument(2)], 'after two transactions');
      await bench.assertRows(plain, [plainDocument(1)], 'after two transactions');
    },
  },
  {
    title: 'fails with the documents, and has none of them',
    async run(bench) {
      const session = await bench.open();
      const broken = (async function* () {
        yield plainDocument(1);
        throw new Error('the documents broke off');
      })();
      await failure(session.store(broken), 'its documents broke off');
      await session.close();
      await (await bench.open()).acknowledge();
      await assertBoth(bench, [], 'after a transaction that broke off');
    },
  },
];

async function assertBoth(bench: ConnectorBench, expected: readonly StoreDocument[], when: string): Promise<void> {
  await bench.assertRows(plain, expected, when);
  await bench.assertRows(compound, expected, when);
}
