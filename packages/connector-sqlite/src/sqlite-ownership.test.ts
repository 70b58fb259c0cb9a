import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bind, collect, each, load, type Opened, type Owner, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

const refused = {
  code: 'ENDPOINT_REFUSED',
  message: expect.stringMatching(/^one: the table "orders" in .*orders\.db cannot be used: .* "two"\. .*\.$/),
};

/** A session of `one`, whose table was dropped by hand; the name was claimed by `two`, which has a document there. */
async function claimed(): Promise<void> {
  bench.exec('DROP TABLE orders');
  const second = await bench.open({ materialization: 'two', epoch: 1n, state: undefined });
  await bench.startCommit(second.connector, { id: 1, of: 'two' });
}

describe.each<Owner>(['endpoint', 'store'])('a table that is another materialization’s by now, owner %s', (owner) => {
  let first: Opened;
  beforeEach(async () => {
    first = await bench.open({ owner, materialization: 'one' });
    await bench.commit(first.connector, { id: 1, of: 'one' });
    await first.connector.acknowledge();
  });
  afterEach(() => expect(bench.documents()).toEqual([{ id: 1, of: 'two' }]));

  test('takes no transaction of a session that is still running', async () => {
    await claimed();
    await expect(bench.startCommit(first.connector, { id: 99 })).rejects.toMatchObject(refused);
    expect(bench.query('SELECT * FROM aftercommit_staging')).toEqual([]);
  });

  test('answers no load of it', async () => {
    await claimed();
    await expect(load(first.connector, 1)).rejects.toMatchObject(refused);
  });

  test('answers no load of it that was begun before', async () => {
    const keys = async function* () {
      yield { binding: 0, key: [7] };
      await claimed();
      yield { binding: 0, key: [1] };
      yield { binding: 0, key: [2] };
    };
    await expect(collect(first.connector.load(keys()))).rejects.toMatchObject(refused);
  });
});

test('a staging that was committed is not applied to it', async () => {
  const { connector } = await bench.open({ owner: 'store', materialization: 'one' });
  await bench.commit(connector, { id: 1, of: 'one' });
  bench.exec(`DROP TABLE orders; UPDATE aftercommit_table SET materialization = 'two'`);
  bench.exec('CREATE TABLE orders (id, flow_document, PRIMARY KEY (id))');
  await expect(connector.acknowledge()).rejects.toMatchObject(refused);
  expect(bench.documents()).toEqual([]);
  expect(bench.query('SELECT transaction_id FROM aftercommit_staging')).toHaveLength(1);
});

test('a table that was dropped is not made again for a staging of who had it before', async () => {
  await bench.commit((await bench.open({ owner: 'store', materialization: 'one' })).connector, { id: 1 });
  bench.exec(`DROP TABLE orders; UPDATE aftercommit_table SET materialization = 'two'`);
  const { connector } = await bench.open({ materialization: 'one', bindings: [bind('users')] });
  expect(bench.query(`SELECT name FROM sqlite_schema WHERE name = 'orders'`)).toEqual([]);
  await expect(connector.acknowledge()).rejects.toMatchObject(refused);
});

test('a table that was dropped is claimed with the first acknowledge, not by an open that is given up', async () => {
  const first = await bench.open({ materialization: 'one' });
  await bench.commit(first.connector, { id: 1 });
  bench.exec('ALTER TABLE orders RENAME TO aside');
  const { opened, connector } = await bench.open({ materialization: 'two', epoch: 1n, state: undefined });
  expect(opened.newBindings).toEqual(new Set([0]));
  await connector.close();
  bench.exec('ALTER TABLE aside RENAME TO orders');
  expect(await load(first.connector, 1)).toEqual([{ id: 1 }]);
  await expect(bench.open({ materialization: 'two', epoch: 2n })).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
});

test('of two that would claim a table the second is refused', async () => {
  await bench.open({ materialization: 'one' });
  bench.exec('DROP TABLE orders');
  const two = await bench.open({ materialization: 'two', epoch: 1n });
  const three = await bench.open({ materialization: 'three', epoch: 1n });
  await two.connector.acknowledge();
  const answers = Promise.allSettled([collect(three.connector.load(each([{ binding: 0, key: [1] }])))]);
  await expect(three.connector.acknowledge()).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
  expect(await answers).toMatchObject([{ status: 'rejected', reason: { code: 'ENDPOINT_REFUSED' } }]);
});
