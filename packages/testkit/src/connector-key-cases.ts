import type { KeyValue, StoreDocument } from '@aftercommit/runtime-adapter';
import type { ConnectorCase } from './connector-bench.js';
import { assertAnswers, compound, compoundDocument, keysOf, plain, plainDocument } from './connector-documents.js';

/** Keys that endpoints are known to bend, to round or to take for one another. Each list is the keys of one collection. */
const oddKeys: Record<string, readonly KeyValue[]> = {
  'texts with quotes, NUL and patterns': [
    "it's",
    'say "x"',
    "'; --",
    '\\',
    '%',
    '_',
    '*',
    'a\u0000b',
    'a\u0000c',
    'a',
    '\u0000',
    'a\nb',
    'a\tb',
  ],
  'texts that differ in letter case, spaces and accents': ['a', 'A', 'a ', ' a', 'á', 'a\u0301', 'ä', 'ß', 'ss', ''],
  'texts beyond the basic plane, and long ones': ['😀', '𐍈', '\uffff', '\u{10ffff}', 'x'.repeat(700), 'x'.repeat(701)],
  'texts that look like other values': ['1', '01', '1.0', '1e0', 'null', 'true', 'NaN', '[]', '{}', '2024-01-01'],
  'integers, zero and negative ones': [
    0,
    1,
    -1,
    10,
    255,
    -255,
    65_536,
    2 ** 31,
    -(2 ** 31),
    2 ** 53 - 1,
    -(2 ** 53) + 1,
  ],
  'integers that a double cannot hold': [
    9007199254740992n,
    9007199254740993n,
    -9007199254740993n,
    9223372036854775806n,
    9223372036854775807n,
    -9223372036854775808n,
  ],
  'integers beyond 64 bits': [9223372036854775808n, 18446744073709551616n, 123456789012345678901234567890n],
  booleans: [true, false],
};

/** Pairs that a careless join of their parts would take for one another. */
const oddPairs: ReadonlyArray<readonly [string, string]> = [
  ['a', 'b'],
  ['b', 'a'],
  ['a', 'bc'],
  ['ab', 'c'],
  ['abc', ''],
  ['', 'abc'],
  ['a,b', 'c'],
  ['a', 'b,c'],
  ['a\u0000', 'b'],
  ['a', '\u0000b'],
  ['"', '","'],
];

/** Keys of every type are kept apart, found again, and updated. */
export const keyCases: ConnectorCase[] = [
  ...Object.entries(oddKeys).flatMap(([name, keys]): ConnectorCase[] => [
    {
      title: `keeps keys apart: ${name}`,
      run: (bench) =>
        assertKeptApart(
          bench,
          keys.map((key) => (fields) => plainDocument(key, fields)),
        ),
    },
    {
      title: `keeps keys of several parts apart: ${name}`,
      run: (bench) =>
        assertKeptApart(
          bench,
          keys.map((key) => (fields) => compoundDocument(key, 7, fields)),
        ),
    },
  ]),
  {
    title: 'keeps keys of several parts apart that would be one when joined',
    run: (bench) =>
      assertKeptApart(
        bench,
        oddPairs.map(
          ([tenant, id]) =>
            (fields) =>
              compoundDocument(tenant, id, fields),
        ),
      ),
  },
  {
    title: 'takes the parts of a key in the order of the collection',
    run: (bench) =>
      assertKeptApart(
        bench,
        [
          [1, 2],
          [2, 1],
          [1, 1],
        ].map(
          ([tenant = 0, id = 0]) =>
            (fields) =>
              compoundDocument(tenant, id, fields),
        ),
      ),
  },
];

type DocumentWith = (fields: StoreDocument['document']) => StoreDocument;

/** Stores under each key, looks all up, updates every other one, and looks again. */
async function assertKeptApart(
  bench: Parameters<ConnectorCase['run']>[0],
  documents: readonly DocumentWith[],
): Promise<void> {
  const first = documents.map((documentWith, index) => documentWith({ index, v: 1 }));
  await bench.write(first);
  const session = await bench.open();
  assertAnswers(await session.lookUp(keysOf(first)), first);
  const updates = documents.map((documentWith, index) => documentWith({ index, v: 2 }));
  await session.storeLoaded(updates.filter((_, index) => index % 2 === 0));
  bench.keep(await session.startCommit());
  await session.acknowledge();
  const rows = first.map((document, index) => (index % 2 === 0 ? (updates[index] ?? document) : document));
  await bench.assertRows(plain, rows, 'after every other one was updated');
  await bench.assertRows(compound, rows, 'after every other one was updated');
  assertAnswers(await (await bench.open()).lookUp(keysOf(first)), rows);
}
