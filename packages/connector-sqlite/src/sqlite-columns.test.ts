import { type Document, parseDocument } from '@aftercommit/models';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bind, load, type Owner, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

const columns = (table = 'orders') =>
  bench.query<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`).map(({ name }) => name);

describe.each<Owner>(['endpoint', 'store'])('columns, where the %s owns the checkpoint', (owner) => {
  test('hold scalars as they are, and the rest as JSON text', async () => {
    const { connector } = await bench.open({ owner });
    const text = `{"id":"k","text":"1","int":1776,"neg":-5,"zero":0,"real":1.5,"small":1e-7,"yes":true,"no":false,
      "none":null,"big":9007199254740993,"last":9223372036854775807,"first":-9223372036854775808,
      "huge":9223372036854775808,"low":-9223372036854775809,"list":[1,9007199254740993],"map":{"a":{"b":"ü"}},"nul":"a\\u0000b"}`;
    const document = parseDocument(text) as Document;
    await bench.commit(connector, document);
    await connector.acknowledge();
    const [row] = bench.query('SELECT * FROM orders');
    expect({ ...row, flow_document: undefined }).toEqual({
      id: 'k',
      flow_document: undefined,
      text: '1',
      int: 1776n,
      neg: -5n,
      zero: 0n,
      real: 1.5,
      small: 1e-7,
      yes: 1n,
      no: 0n,
      none: null,
      big: 9007199254740993n,
      last: 9223372036854775807n,
      first: -9223372036854775808n,
      huge: '9223372036854775808',
      low: '-9223372036854775809',
      list: '[1,9007199254740993]',
      map: '{"a":{"b":"ü"}}',
      nul: 'a\0b',
    });
    expect(
      bench.query(
        'SELECT typeof(int) AS int, typeof(yes) AS yes, typeof(real) AS real, typeof(text) AS text FROM orders',
      ),
    ).toEqual([{ int: 'integer', yes: 'integer', real: 'real', text: 'text' }]);
    expect(bench.documents()).toEqual([document]);
    expect(await load(connector, 'k')).toEqual([document]);
  });

  test('are added as fields appear, and are null where a document lacks the field', async () => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, { id: 1, a: 'x' });
    await bench.commit(connector, { id: 2, b: 'y' }, { id: 3, c: 'z' });
    await connector.acknowledge();
    expect(bench.query('SELECT id, a, b, c FROM orders ORDER BY id')).toEqual([
      { id: 1n, a: 'x', b: null, c: null },
      { id: 2n, a: null, b: 'y', c: null },
      { id: 3n, a: null, b: null, c: 'z' },
    ]);
  });

  test('take fields of any name', async () => {
    const { connector } = await bench.open({ owner });
    const names = [
      '"',
      "'",
      '`',
      ']',
      'a"b',
      'a b',
      'ünï🙂',
      '__proto__',
      'constructor',
      'toString',
      'rowid',
      '_rowid_',
      'oid',
    ];
    names.push(
      'select',
      'a/b',
      'a~b',
      '~1',
      '?',
      ':x',
      '$1',
      ';--',
      '\n',
      '1',
      'x'.repeat(300),
      'Ä',
      'ä',
      '\u00a0',
      'true',
    );
    const document: Document = Object.fromEntries([
      ['id', 1] as const,
      ...names.map((name) => [name, `value of ${name}`] as const),
    ]);
    await bench.commit(connector, document, { id: 2 });
    await connector.acknowledge();
    expect(columns()).toEqual(['id', 'flow_document', ...names.toSorted((a, b) => order(document, a, b))]);
    for (const name of names) expect(bench.values(name)).toEqual([`value of ${name}`, null]);
    expect(Object.entries((await load(connector, 1))[0] ?? {})).toEqual(Object.entries(document));
    expect(bench.warnings).toEqual([]);
    // A second session knows them all.
    const next = await bench.open({ owner });
    await bench.commit(next.connector, document);
    await next.connector.acknowledge();
    expect(columns()).toHaveLength(names.length + 2);
  });

  test('are not shared by fields that differ in letter case alone', async () => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, { id: 1, name: 'a', Name: 'b', NAME: 'c', ID: 'd', FLOW_document: 'e' });
    await bench.commit(connector, { id: 2, Name: 'again', name_2: 'own' });
    await connector.acknowledge();
    expect(bench.query('SELECT * FROM orders').map((row) => ({ ...row, flow_document: '' }))).toEqual([
      {
        id: 1n,
        flow_document: '',
        name: 'a',
        Name_2: 'b',
        NAME_3: 'c',
        ID_2: 'd',
        FLOW_document_2: 'e',
        name_2_2: null,
      },
      {
        id: 2n,
        flow_document: '',
        name: null,
        Name_2: 'again',
        NAME_3: null,
        ID_2: null,
        FLOW_document_2: null,
        name_2_2: 'own',
      },
    ]);
    expect(bench.warnings).toHaveLength(5);
    expect(bench.warnings[0]).toMatch(/"orders".*field "Name" in the column "Name_2"/);
    const next = await bench.open({ owner });
    await bench.commit(next.connector, { id: 3, NAME: 'c' });
    await next.connector.acknowledge();
    expect(bench.query('SELECT NAME_3 FROM orders WHERE id = 3')).toEqual([{ NAME_3: 'c' }]);
    expect(bench.warnings).toHaveLength(5);
  });

  test('leave fields that can have none in flow_document, with one warning each', async () => {
    const { connector } = await bench.open({ owner });
    const document = { id: 1, '': 'empty', 'a\0b': 'nul', '\ud800': 'half' };
    await bench.commit(connector, document);
    await bench.commit(connector, { ...document, id: 2 });
    await connector.acknowledge();
    expect(columns()).toEqual(['id', 'flow_document']);
    expect(await load(connector, 1)).toEqual([document]);
    expect(bench.warnings.map((warning) => /: (.*)\. The/.exec(warning)?.[1])).toEqual([
      'it is empty',
      'it has a NUL character',
      'it is no valid Unicode',
    ]);
    await bench.commit((await bench.open({ owner })).connector, document);
    expect(bench.warnings.length).toBe(owner === 'endpoint' ? 6 : 3);
  });

  test('are no more than 1,000', async () => {
    const { connector } = await bench.open({ owner });
    const fields = Array.from({ length: 1000 }, (_, number) => [`f${number}`, number] as const);
    const document: Document = Object.fromEntries([['id', 1] as const, ...fields]);
    await bench.commit(connector, document);
    await connector.acknowledge();
    expect(columns()).toHaveLength(1000);
    await bench.commit(connector, { id: 2, f998: 1, f999: 1, late: 1 });
    await connector.acknowledge();
    expect(bench.warnings).toHaveLength(1);
    expect(bench.warnings[0]).toMatch(/"orders".*1,000 columns.*"f998" and 1 more field/);
    expect(await load(connector, 1)).toEqual([document]);
    expect(bench.query('SELECT f997 FROM orders')).toEqual([{ f997: 997n }, { f997: null }]);
  });
});

test('columns that somebody added are not written', async () => {
  const { connector } = await bench.open();
  bench.exec(`ALTER TABLE orders ADD COLUMN Note DEFAULT 'mine'; ALTER TABLE orders ADD COLUMN twice AS (id * 2)`);
  await bench.commit(connector, { id: 4, note: 'theirs', twice: 'no' });
  expect(bench.query('SELECT Note, note_2, twice, twice_2 FROM orders')).toEqual([
    { Note: 'mine', note_2: 'theirs', twice: 8n, twice_2: 'no' },
  ]);
});

test('a column of a field that somebody dropped is made again', async () => {
  const { connector } = await bench.open();
  await bench.commit(connector, { id: 1, a: 'x', b: 'y' });
  bench.exec('ALTER TABLE orders DROP COLUMN a');
  await expect(bench.startCommit(connector, { id: 2, a: 'z' })).rejects.toMatchObject({ code: 'ENDPOINT_CORRUPT' });
  const next = await bench.open();
  expect(bench.warnings).toEqual([expect.stringMatching(/"orders".*column "a".*null.*next written.*flow_document/)]);
  await bench.commit(next.connector, { id: 2, a: 'z' });
  expect(bench.query('SELECT a FROM orders ORDER BY id')).toEqual([{ a: null }, { a: 'z' }]);
});

test('a transaction that fails takes its columns with it', async () => {
  const bindings = [bind('orders')];
  const { connector } = await bench.open({ bindings });
  await bench.commit(connector, { id: 1 });
  bench.exec(
    `CREATE TRIGGER refuse BEFORE INSERT ON orders WHEN NEW.id = 3 BEGIN SELECT RAISE(ABORT, 'no threes'); END`,
  );
  await expect(bench.startCommit(connector, { id: 2, a: 'x' }, { id: 3 })).rejects.toMatchObject({
    code: 'ENDPOINT_REFUSED',
    message: expect.stringContaining('Nothing was changed'),
  });
  expect(columns()).toEqual(['id', 'flow_document']);
  expect(bench.documents()).toEqual([{ id: 1 }]);
});

/** Integer-like fields come first in an object. */
function order(document: Document, left: string, right: string): number {
  const fields = Object.keys(document);
  return fields.indexOf(left) - fields.indexOf(right);
}
