import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { each, type Owner, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

const fenced = { code: 'ENDPOINT_FENCED' };

describe.each<Owner>(['endpoint', 'store'])('the fence, where the %s owns the checkpoint', (owner) => {
  const everything = () =>
    ['aftercommit_materialization', 'aftercommit_staging', 'aftercommit_staged_document', 'orders'].map((table) =>
      bench.query(`SELECT * FROM ${table}`),
    );

  test('refuses to open a lower epoch, and changes nothing for it', async () => {
    const { connector } = await bench.open({ owner, epoch: 5n });
    await bench.commit(connector, { id: 1 });
    const before = everything();
    await expect(bench.open({ owner, epoch: 4n })).rejects.toMatchObject({
      ...fenced,
      message: expect.stringMatching(/^acme\/orders: a later session was opened .*orders\.db\. .*\.$/),
    });
    expect(everything()).toEqual(before);
  });

  test('lets an equal epoch pass', async () => {
    await bench.open({ owner, epoch: 5n });
    await bench.open({ owner, epoch: 5n });
  });

  test('keeps epochs exact beyond 2^53', async () => {
    await bench.open({ owner, epoch: 9_007_199_254_740_993n });
    await expect(bench.open({ owner, epoch: 9_007_199_254_740_992n })).rejects.toMatchObject(fenced);
  });

  test('stops a zombie between store and startCommit', async () => {
    const zombie = await bench.open({ owner });
    await bench.commit(zombie.connector, { id: 1 });
    await zombie.connector.acknowledge();
    await zombie.connector.flush();
    await zombie.connector.store(each([{ binding: 0, key: [2], document: { id: 2, field: 'new' } }]));
    await bench.open({ owner });
    const before = everything();
    await expect(zombie.connector.startCommit({ transactionId: 'late' })).rejects.toMatchObject(fenced);
    expect(everything()).toEqual(before);
    expect(bench.query(`SELECT name FROM pragma_table_info('orders')`)).not.toContainEqual({ name: 'field' });
  });

  test('is one per materialization', async () => {
    await bench.open({ owner, epoch: 5n });
    const other = await bench.open({ owner, epoch: 4n, materialization: 'acme/others', bindings: [] });
    await other.connector.acknowledge();
    await other.connector.startCommit({ transactionId: 'other' });
  });
});

test('a zombie applies nothing any more', async () => {
  const zombie = await bench.open({ owner: 'store' });
  await bench.commit(zombie.connector, { id: 1 });
  const next = await bench.open({ owner: 'store' });
  await expect(zombie.connector.acknowledge()).rejects.toMatchObject(fenced);
  expect(bench.documents()).toEqual([]);
  await next.connector.acknowledge();
  expect(bench.documents()).toEqual([{ id: 1 }]);
});

test('a zombie forgets nothing any more', async () => {
  await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1 });
  bench.exec(`UPDATE aftercommit_materialization SET applied = 'another'`);
  const zombie = await bench.open({ state: { staging: { transactionId: 'lost', epoch: '1' } } });
  await bench.open();
  await expect(zombie.connector.acknowledge()).rejects.toMatchObject(fenced);
  expect(bench.query('SELECT applied FROM aftercommit_materialization')).toEqual([{ applied: 'another' }]);
});

test('a session whose record was removed is fenced', async () => {
  const { connector } = await bench.open();
  bench.exec('DELETE FROM aftercommit_materialization');
  await expect(bench.commit(connector, { id: 1 })).rejects.toMatchObject({
    ...fenced,
    message: expect.stringContaining('the record of the materialization was removed'),
  });
});
