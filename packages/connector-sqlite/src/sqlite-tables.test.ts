import { randomUUID } from 'node:crypto';
import { WriteBatch } from '@aftercommit/persistence';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bind, type Given, load, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

async function expectRefused(given: Given, message: RegExp): Promise<void> {
  const epochs = () => bench.query('SELECT * FROM aftercommit_materialization');
  const before = epochs();
  await expect(bench.open(given)).rejects.toMatchObject({
    code: 'ENDPOINT_REFUSED',
    message: expect.stringMatching(message),
  });
  expect(epochs()).toEqual(before);
}

describe('a table that is refused', () => {
  beforeEach(async () => {
    const { connector } = await bench.open();
    await bench.commit(connector, { id: 1 });
  });

  test.each(['TABLE Theirs (id)', 'VIEW theirs AS SELECT 1', 'INDEX theirs ON orders (id)'])(
    'is of somebody else: %s',
    async (what) => {
      bench.exec(`CREATE ${what}`);
      await expectRefused({ bindings: [bind('theirs')] }, /"theirs".*not made by this connector.*another table/);
    },
  );

  test('belongs to another materialization', async () => {
    await expectRefused({ materialization: 'acme/others' }, /"orders".*"acme\/orders".*Name another/);
  });

  test('has another key', async () => {
    await expectRefused(
      { bindings: [bind('orders', { key: ['/id', '/b'] })] },
      /for the key \/id, .*is \/id, \/b.*another table/,
    );
  });

  test('is delta, or is not any more', async () => {
    await expectRefused({ bindings: [bind('orders', { delta: true })] }, /made without delta, and is bound with it/);
    const { connector } = await bench.open({ bindings: [bind('events', { delta: true })] });
    await bench.commit(connector, { id: 1 });
    await expectRefused({ bindings: [bind('events')] }, /made with delta, and is bound without it/);
  });

  test('is bound twice, whatever the case of its letters', async () => {
    await expectRefused({ bindings: [bind('orders'), bind('ORDERS')] }, /"ORDERS".*two bindings/);
  });

  test.each(['aftercommit_table', 'AfterCommit_x', 'sqlite_x', '', 'a\0b', '\ud800'])(
    'has a name that cannot be: %j',
    async (name) => {
      await expectRefused({ bindings: [bind(name)] }, /cannot be used.*Name another/);
    },
  );

  test.each(['(id, flow_document)', '(id PRIMARY KEY)', '(x, id, flow_document, PRIMARY KEY (x, id))'])(
    'was replaced by one that does not fit: %s',
    async (definition) => {
      bench.exec(`DROP TABLE orders; CREATE TABLE orders ${definition}`);
      await expectRefused({}, /"orders".*columns or the primary key/);
    },
  );
});

test.each(['a"b', "it's", 'two words', 'ünï', 'select', '1', ']'])('a table can be called %s', async (name) => {
  for (const owner of ['store', 'endpoint'] as const) {
    const { connector } = await bench.open({ owner, bindings: [bind(name)] });
    await bench.commit(connector, { id: 1, [owner]: true });
    await connector.acknowledge();
    expect(await load(connector, 1)).toEqual([{ id: 1, [owner]: true }]);
  }
});

test('a table that was dropped keeps its key while documents wait for it', async () => {
  await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1 });
  bench.exec('DROP TABLE orders');
  await expectRefused({ bindings: [bind('orders', { key: ['/name'] })] }, /made for the key \/id/);
  const { connector, opened } = await bench.open({ owner: 'store' });
  expect(opened.newBindings).toEqual(new Set());
  await connector.acknowledge();
  expect(bench.documents()).toEqual([{ id: 1 }]);
});

test("a table that was dropped is nobody else's while documents wait for it", async () => {
  await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1 });
  bench.exec('DROP TABLE orders');
  await expectRefused({ materialization: 'acme/others' }, /belongs to the materialization "acme\/orders"/);
});

test('a table that is dropped during a session ends it', async () => {
  const { connector } = await bench.open();
  await bench.commit(connector, { id: 1 });
  bench.exec('DROP TABLE orders');
  await expect(load(connector, 1)).rejects.toMatchObject({ code: 'ENDPOINT_CORRUPT' });
  await expect(bench.startCommit(connector, { id: 2 })).rejects.toMatchObject({
    code: 'ENDPOINT_CORRUPT',
    message: expect.stringMatching(/acme\/orders.*orders\.db.*start again/),
  });
});

describe('one file', () => {
  test('has several materializations, which do not meet', async () => {
    const users = { materialization: 'acme/users', bindings: [bind('users')] };
    const first = await bench.open({ owner: 'store' });
    const second = await bench.open({ ...users, owner: 'store' });
    await bench.startCommit(first.connector, { id: 1, of: 'orders' });
    bench.keep();
    const ofOrders = bench.state;
    await bench.startCommit(second.connector, { id: 1, of: 'users' });
    bench.keep();
    const ofUsers = bench.state;
    const third = await bench.open({ owner: 'store', state: ofOrders });
    await third.connector.acknowledge();
    expect(bench.documents('orders')).toEqual([{ id: 1, of: 'orders' }]);
    expect(bench.documents('users')).toEqual([]);
    const fourth = await bench.open({ ...users, state: ofUsers });
    await fourth.connector.acknowledge();
    expect(bench.documents('users')).toEqual([{ id: 1, of: 'users' }]);
    await bench.commit(fourth.connector, { id: 2 });
    expect((await bench.open({ state: ofOrders })).opened.runtimeCheckpoint).toBeUndefined();
  });

  test('may be the one of the store, and have tables of a host', async () => {
    const store = SqliteStore.open(bench.file);
    const state = await store.open('acme/orders', randomUUID());
    bench.exec(`CREATE TABLE host (id); INSERT INTO host VALUES ('mine'); PRAGMA user_version = 7`);
    const { connector } = await bench.open({ epoch: state.fence.epoch });
    await state.write(new WriteBatch().put('a', 1));
    await bench.commit(connector, { id: 1 });
    await state.write(new WriteBatch().put('b', 2));
    expect(await state.list('')).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(bench.query('SELECT * FROM host, pragma_user_version')).toEqual([{ id: 'mine', user_version: 7n }]);
    await store.close();
  });
});

test('a table whose record was removed is not read', async () => {
  const { connector } = await bench.open();
  bench.exec('DELETE FROM aftercommit_table');
  await expect(load(connector, 1)).rejects.toMatchObject({
    code: 'ENDPOINT_CORRUPT',
    message: expect.stringContaining('no record in aftercommit_table'),
  });
});
