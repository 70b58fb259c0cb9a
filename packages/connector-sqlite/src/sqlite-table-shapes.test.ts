import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bind, each, load, type Owner, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

const columns = () =>
  bench.query<{ name: string }>(`SELECT name FROM pragma_table_info('orders')`).map(({ name }) => name);
const byName = [bind('orders', { key: ['/name'] })];

describe('a name of a table in another letter case', () => {
  test('is refused, with what to write: how far was read is kept by the name as it is written', async () => {
    bench.bindings = [bind('log', { delta: true })];
    await bench.commit((await bench.open()).connector, { id: 1 });
    await expect(bench.open({ bindings: [bind('Log', { delta: true })] })).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
      message: expect.stringMatching(
        /the table "Log" in .*orders\.db cannot be used: it was made as "log".*Write "log"/,
      ),
    });
    await bench.open();
  });

  test('is a new table when the other one is gone', async () => {
    await bench.commit((await bench.open()).connector, { id: 1 });
    bench.exec('DROP TABLE orders');
    const { connector, opened } = await bench.open({ bindings: [bind('Orders')] });
    expect(opened.newBindings).toEqual(new Set([0]));
    await bench.commit(connector, { id: 2 });
    expect(bench.query(`SELECT name FROM sqlite_schema WHERE name = 'Orders'`)).toHaveLength(1);
    await expect(bench.open()).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
  });
});

describe('a table that was dropped', () => {
  beforeEach(async () => bench.commit((await bench.open()).connector, { id: 1, name: 'x', Name: 'y' }));

  test('is made again with all its columns, and is new', async () => {
    bench.exec('DROP TABLE orders');
    const { connector, opened } = await bench.open();
    expect(opened.newBindings).toEqual(new Set([0]));
    expect(columns()).toEqual(['id', 'flow_document', 'name', 'Name_2']);
    await bench.commit(connector, { id: 2, Name: 'z', other: 1 });
    expect(bench.query('SELECT id, name, Name_2, other FROM orders')).toEqual([
      { id: 2n, name: null, Name_2: 'z', other: 1n },
    ]);
  });

  test('and comes back is the one that it was', async () => {
    bench.exec('ALTER TABLE orders RENAME TO aside');
    const meanwhile = await bench.open();
    await bench.commit(meanwhile.connector, { id: 2, later: 1 });
    bench.exec('DROP TABLE orders; ALTER TABLE aside RENAME TO orders');
    const { connector, opened } = await bench.open();
    expect(opened.newBindings).toEqual(new Set());
    await bench.commit(connector, { id: 1, name: 'again', Name: 'y', later: 2 });
    expect(columns()).toEqual(['id', 'flow_document', 'name', 'Name_2', 'later']);
    expect(bench.query('SELECT name, Name_2, later FROM orders')).toEqual([{ name: 'again', Name_2: 'y', later: 2n }]);
  });

  test('is made anew for another key, with the first acknowledge', async () => {
    bench.exec('DROP TABLE orders');
    const { connector, opened } = await bench.open({ bindings: byName });
    expect(opened.newBindings).toEqual(new Set([0]));
    expect(columns()).toEqual([]);
    await connector.acknowledge();
    expect(columns()).toEqual(['name', 'flow_document']);
    expect(bench.query('SELECT key FROM aftercommit_table')).toEqual([{ key: '["/name"]' }]);
  });
});

describe.each<Owner>(['endpoint', 'store'])('an empty table, owner %s', (owner) => {
  test.each([
    ['key', byName, ['name', 'flow_document', 'id']],
    ['delta', [bind('orders', { delta: true })], ['id', 'flow_document', 'name']],
  ])('is made anew where its %s is another one', async (_what, bindings, expected) => {
    await (await bench.open({ owner })).connector.close();
    const { connector, opened } = await bench.open({ owner, bindings });
    expect(opened.newBindings).toEqual(new Set([0]));
    await connector.acknowledge();
    await connector.flush();
    const document = { id: 1, name: 'x' };
    const key = bindings === byName ? ['x'] : [1];
    await connector.store(each([{ binding: 0, key, document }]));
    await connector.startCommit({ transactionId: 'a' });
    await connector.acknowledge();
    expect(columns()).toEqual(expected);
    expect(bench.documents()).toEqual([document]);
  });
});

test('an empty table is looked up in its new shape alone', async () => {
  await bench.open();
  const { connector } = await bench.open({ bindings: byName });
  const answers = load(connector, 'x');
  await new Promise((resolve) => setImmediate(resolve));
  await connector.acknowledge();
  expect(await answers).toEqual([]);
  await connector.flush();
  await connector.store(each([{ binding: 0, key: ['x'], document: { name: 'x' } }]));
  await connector.startCommit({ transactionId: 'a' });
  await connector.acknowledge();
  expect(await load(connector, 'x')).toEqual([{ name: 'x' }]);
});

test('a table that is as it is wanted by the first acknowledge is not replaced', async () => {
  await bench.open();
  const { connector } = await bench.open({ bindings: byName });
  bench.exec(`UPDATE aftercommit_table SET key = '["/name"]';
    UPDATE aftercommit_column SET pointer = '/name', column_name = 'name';
    DROP TABLE orders; CREATE TABLE orders (name PRIMARY KEY, flow_document);
    INSERT INTO orders VALUES ('x', '{"name":"x"}')`);
  await connector.acknowledge();
  expect(bench.documents()).toEqual([{ name: 'x' }]);
});

test('an empty table that got rows meanwhile is not made anew', async () => {
  await bench.open();
  const { connector } = await bench.open({ bindings: byName });
  bench.exec(`INSERT INTO orders VALUES (1, '{"id":1}')`);
  await expect(connector.acknowledge()).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
  expect(bench.documents()).toEqual([{ id: 1 }]);
});

test('an empty table of somebody else in its place is not replaced', async () => {
  await bench.open();
  bench.exec('DROP TABLE orders; CREATE TABLE orders (theirs)');
  await expect(bench.open({ bindings: byName })).rejects.toMatchObject({
    code: 'ENDPOINT_REFUSED',
    message: expect.stringContaining('columns or the primary key'),
  });
});

test('an empty table of another materialization is not replaced', async () => {
  await bench.open();
  await expect(bench.open({ materialization: 'acme/others', epoch: 1n })).rejects.toMatchObject({
    code: 'ENDPOINT_REFUSED',
    message: expect.stringContaining('belongs to the materialization "acme/orders"'),
  });
});

test('an empty table keeps its key while documents that the state names wait for it', async () => {
  await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1, name: 'x' });
  await expect(bench.open({ bindings: byName })).rejects.toMatchObject({
    code: 'ENDPOINT_REFUSED',
    message: expect.stringContaining('made for the key /id'),
  });
});

test('an empty table keeps its key through an open that is given up: its staging may be named again', async () => {
  await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1, name: 'x' });
  const right = bench.state;
  await (await bench.open({ owner: 'store', bindings: byName, state: undefined })).connector.close();
  const { connector } = await bench.open({ owner: 'store', state: right });
  await connector.acknowledge();
  expect(bench.query('SELECT id, name FROM orders')).toEqual([{ id: 1n, name: 'x' }]);
});

test('a dropped table gets another key when the state that named its staging is given up', async () => {
  const first = await bench.open({ owner: 'store' });
  await bench.commit(first.connector, { id: 1, name: 'x' });
  await bench.commit(first.connector, { id: 2, name: 'y' });
  bench.exec('DROP TABLE orders');
  const { connector, opened } = await bench.open({ owner: 'store', bindings: byName, state: undefined });
  expect(opened.divergence).toMatchObject({ code: 'CHECKPOINT_DIVERGED' });
  await connector.acknowledge();
  expect(columns()).toEqual(['name', 'flow_document']);
  expect(bench.query('SELECT * FROM aftercommit_staged_document')).toEqual([]);
});

test.each(['VIEW orders AS SELECT 1 AS id, 2 AS flow_document', 'INDEX orders ON other (x)'])(
  'what stands in its place is not taken for it: %s',
  async (what) => {
    bench.bindings = [bind('orders', { delta: true })];
    await bench.open();
    bench.exec(`DROP TABLE orders; CREATE TABLE other (x); CREATE ${what}`);
    await expect(bench.open()).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
      message: expect.stringContaining('not made by this connector'),
    });
  },
);
