import { type Document, type DocumentValue, printDocument, valueAt } from '@aftercommit/models';
import { seededRandom } from '@aftercommit/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Owner, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

const seeds = Array.from({ length: 10 }, (_, seed) => seed);

function documentsOf(seed: number): Document[] {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random.fraction() * limit);
  const oneOf = <Value>(values: readonly [Value, ...Value[]]) => values[below(values.length)] ?? values[0];
  const numbers = [
    0,
    -0,
    1,
    -5,
    1.5,
    1e-7,
    2 ** 53,
    2 ** 60,
    1e23,
    -(2 ** 53 - 1),
    9007199254740993n,
    2n ** 64n,
  ] as const;
  const value = (depth = 0): DocumentValue => {
    const kind = below(depth > 2 ? 4 : 6);
    if (kind === 0) return oneOf<DocumentValue>(numbers);
    if (kind === 1) return oneOf(['', 'text', 'ü\u{1f600}', '1', 'null', '"', 'a\0b', '\ud800']);
    if (kind === 2) return oneOf([true, false]);
    if (kind === 3) return null;
    if (kind === 4) return Array.from({ length: below(3) }, () => value(depth + 1));
    return Object.fromEntries(fields(depth + 1));
  };
  const fields = (depth: number) =>
    Array.from({ length: below(5) }, () => [oneOf(['a', 'b', 'c', '__proto__', '1', '0']), value(depth)] as const);
  return Array.from({ length: 40 }, (_, id) => Object.fromEntries([['id', id] as const, ...fields(0)]));
}

async function rowsOf(owner: Owner, documents: readonly Document[]): Promise<unknown> {
  const own = new SqliteBench();
  try {
    const { connector } = await own.open({ owner });
    await own.commit(connector, ...documents.slice(0, 25));
    await own.commit(connector, ...documents.slice(25));
    await connector.acknowledge();
    const columns = own.query<{ name: string }>("SELECT name FROM pragma_table_info('orders')").map(({ name }) => name);
    // As texts and types: two doubles that differ in a bit are printed differently.
    return columns.map((name) => {
      const column = `"${name.replaceAll('"', '""')}"`;
      return [name, own.query(`SELECT typeof(${column}) AS type, quote(${column}) AS value FROM orders ORDER BY id`)];
    });
  } finally {
    await own.remove();
  }
}

test.each(seeds)('a row is the same, staged as text in between or not: seed %i', async (seed) => {
  const documents = documentsOf(seed);
  expect(await rowsOf('endpoint', documents)).toEqual(await rowsOf('store', documents));
});

test.each(seeds)('a row has the text of its document, and each field in its column: seed %i', async (seed) => {
  const documents = documentsOf(seed);
  const { connector } = await bench.open({ owner: 'endpoint' });
  await bench.commit(connector, ...documents);
  expect(bench.values('flow_document')).toEqual(documents.map((document) => printDocument(document)));
  for (const field of new Set(documents.flatMap((document) => Object.keys(document)))) {
    expect(bench.values(field)).toEqual(documents.map((document) => held(valueAt(document, [field]))));
  }
});

/** What SQLite gives back. */
function held(value: DocumentValue | undefined): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'object') return printDocument(value);
  if (typeof value === 'string') return value.replaceAll('\ud800', '\ufffd'.repeat(3));
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'bigint' && value >= 2n ** 63n ? String(value) : value;
}
