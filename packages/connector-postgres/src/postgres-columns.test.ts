import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { missingPostgres } from '../../../tests/servers/postgres-server.js';
import { bind, load, PostgresBench } from '../test/postgres-bench.js';

let bench: PostgresBench;

describe.skipIf(missingPostgres !== undefined)('columns of a table in PostgreSQL', () => {
  beforeAll(async () => {
    bench = await PostgresBench.start();
  });
  afterAll(() => bench.stop());
  beforeEach(() => bench.begin());
  afterEach(() => bench.end());

  test('have the narrowest type that holds every value, also where values come later', async () => {
    await bench.write({ id: 1, count: 1, price: 2, yes: true, name: 'a', tags: ['x'], mixed: 7, nothing: null });
    expect(await bench.columns()).toEqual({
      id: 'bigint',
      flow_document: 'json',
      count: 'bigint',
      price: 'bigint',
      yes: 'boolean',
      name: 'text',
      tags: 'jsonb',
      mixed: 'bigint',
    });
    await bench.write({ id: 2, count: 9223372036854775808n, price: 2.5, mixed: 'text', nothing: { now: 1 } });
    expect(await bench.columns()).toMatchObject({
      count: 'numeric',
      price: 'numeric',
      mixed: 'text',
      nothing: 'jsonb',
    });
    expect(await bench.values('count')).toEqual(['1', '9223372036854775808']);
    expect(await bench.values('price')).toEqual(['2', '2.5']);
    expect(await bench.values('mixed')).toEqual(['7', 'text']);
    expect(await bench.values('yes')).toEqual(['true', null]);
  });

  test('hold every number exactly', async () => {
    const numbers = [9007199254740993n, -9223372036854775808n, 0.1, 5e-324, 1.7976931348623157e308, 1e23];
    await bench.write(...numbers.map((value, id) => ({ id, value })));
    const held = await bench.query<{ value: number }>('SELECT value::float8 AS value FROM orders ORDER BY id');
    expect(held.map(({ value }) => value)).toEqual(numbers.map(Number));
    expect((await bench.values('value')).slice(0, 3)).toEqual(['9007199254740993', '-9223372036854775808', '0.1']);
  });

  test('hold texts that PostgreSQL has no room for in another way, and flow_document as they are', async () => {
    const document = { id: 1, text: 'a\0b', symbol: '␀', nested: { v: '\0 \\u0000 \ud800' }, half: '\ud800' };
    await bench.write(document);
    expect(await bench.values('text')).toEqual(['a␀0b']);
    expect(await bench.values('symbol')).toEqual(['␀␀']);
    expect(await bench.values('half')).toEqual(['\ufffd']);
    expect(await bench.query('SELECT nested FROM orders')).toEqual([{ nested: { v: '␀ \\u0000 \ufffd' } }]);
    expect(await bench.documents()).toEqual([document]);
  });

  test('refuse keys of several types, and a key that is wider makes the column wider', async () => {
    const { connector } = await bench.open();
    await bench.commit(connector, { id: 1 });
    await bench.commit(connector, { id: 2n ** 70n }, { id: 1.5 });
    expect(await bench.columns()).toMatchObject({ id: 'numeric' });
    expect(await load(connector, 2n ** 70n, 1.5, 1, '1', true)).toHaveLength(3);
    await expect(bench.commit(connector, { id: '1' })).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
    expect(await bench.documents()).toHaveLength(3);
  });

  test('of a table that is appended to may have keys of several types', async () => {
    bench.bindings = [bind('orders', { delta: true })];
    await bench.write({ id: 1 }, { id: 'one' });
    expect(await bench.values('id')).toEqual(['1', 'one']);
  });

  test('refuse a key that is no valid Unicode', async () => {
    const { connector } = await bench.open();
    await expect(bench.commit(connector, { id: '\ud800' })).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
  });

  test('are named with what fits, and a warning says so', async () => {
    const long = 'é'.repeat(40);
    await bench.write({ id: 1, [long]: 1, [`${long}!`]: 2, ctid: 3, flow_document: 4, Name: 5, name: 6, '': 7 });
    expect(Object.keys(await bench.columns())).toEqual([
      'id',
      'flow_document',
      'é'.repeat(31),
      `${'é'.repeat(30)}_2`,
      'ctid_2',
      'flow_document_2',
      'Name',
      'name',
    ]);
    expect(bench.warnings).toHaveLength(5);
  });

  test('are made for as many fields as a row has room for', async () => {
    const fields = Array.from({ length: 450 }, (_, index) => [`field ${index}`, 'x'.repeat(3000)]);
    await bench.write({ id: 1, ...Object.fromEntries(fields) });
    expect(Object.keys(await bench.columns())).toHaveLength(400);
    expect(bench.warnings).toEqual([expect.stringContaining('and 51 more fields')]);
  });

  test('that a view stands on keep their type: the run stops, and says why', async () => {
    await bench.write({ id: 1, count: 1 });
    await bench.query('CREATE VIEW counts AS SELECT count FROM orders');
    const { connector } = await bench.open();
    await expect(bench.commit(connector, { id: 2, count: 1.5 })).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
      message: expect.stringContaining('A view or a rule stands on a column'),
    });
    await bench.query('DROP VIEW counts');
    await bench.write({ id: 2, count: 1.5 });
    expect(await bench.values('count')).toEqual(['1', '1.5']);
  });

  test('that somebody dropped come back, and of another type are refused', async () => {
    await bench.write({ id: 1, count: 1 });
    await bench.query('ALTER TABLE orders DROP COLUMN count');
    await bench.write({ id: 2, count: 2 });
    expect(await bench.values('count')).toEqual([null, '2']);
    expect(bench.warnings).toEqual([expect.stringContaining('lacked the column "count"')]);
    await bench.query('ALTER TABLE orders ALTER COLUMN count TYPE text');
    await expect(bench.open()).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
  });
});
