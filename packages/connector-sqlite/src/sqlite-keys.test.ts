import { type Document, parseDocument } from '@aftercommit/models';
import type { KeyValue } from '@aftercommit/runtime-adapter';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bind, collect, each, load, type Owner, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

const primaryKey = () =>
  bench
    .query<{ name: string; pk: bigint }>(`SELECT name, pk FROM pragma_table_info('orders')`)
    .filter(({ pk }) => pk > 0n)
    .map(({ name }) => name);

describe.each<Owner>(['endpoint', 'store'])('keys, where the %s owns the checkpoint', (owner) => {
  test('are found as they are', async () => {
    const ids: KeyValue[] = ['', 'a', 'A', "'", '"', '1', 'a\0b', 'a\0c', 'ü', '🙂', 2, -2, 2.5, 1e300, true, false];
    ids.push(9_007_199_254_740_993n, -9_223_372_036_854_775_808n, 2n ** 70n, '1.0', 'true', 'null');
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, ...ids.map((id) => ({ id })));
    await connector.acknowledge();
    expect(await load(connector, ...ids)).toEqual(ids.map((id) => ({ id })));
    await bench.commit(connector, ...ids.map((id) => ({ id, again: true })));
    await connector.acknowledge();
    expect(await load(connector, ...ids)).toEqual(ids.map((id) => ({ id, again: true })));
  });

  test.each<[KeyValue, KeyValue]>([
    [true, 1],
    [0, false],
    [false, 0n],
    [2n ** 64n, String(2n ** 64n)],
    [String(-(2n ** 64n)), -(2n ** 64n)],
  ])('that SQLite takes for one are kept apart: %s and %s', async (stored, other) => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, { id: stored });
    await connector.acknowledge();
    expect(await load(connector, other, stored)).toEqual([{ id: stored }]);
    await expect(bench.startCommit(connector, { id: 'new' }, { id: other })).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
      message: expect.stringMatching(/"orders".*\/id.*type alone.*Nothing was changed/),
    });
    const next = await bench.open({ owner });
    await next.connector.acknowledge();
    expect(bench.documents()).toEqual([{ id: stored }]);
  });

  test('of one transaction are kept apart too', async () => {
    const { connector } = await bench.open({ owner });
    await expect(bench.startCommit(connector, { id: 1 }, { id: true })).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
    });
    expect(bench.documents()).toEqual([]);
  });

  test('that are equal numbers are one', async () => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, { id: 1 });
    await bench.commit(connector, { id: 1n, again: true });
    await connector.acknowledge();
    expect(await load(connector, 1)).toEqual([{ id: 1, again: true }]);
  });

  test('that are large numbers are found whatever their digits look like', async () => {
    const ids = [1e17, 2 ** 60, 1e20, 1e21];
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, ...ids.map((id) => ({ id })));
    await bench.commit(connector, ...ids.map((id) => ({ id, again: true })));
    await connector.acknowledge();
    expect((await load(connector, ...ids)).map(({ id, again }) => [Number(id), again])).toEqual(
      ids.map((id) => [id, true]),
    );
    expect(bench.documents()).toHaveLength(ids.length);
  });

  test('of delta tables may differ in their type alone', async () => {
    const { connector } = await bench.open({ owner, bindings: [bind('orders', { delta: true })] });
    await bench.commit(connector, { id: 1 }, { id: true });
    await connector.acknowledge();
    expect(bench.documents()).toEqual([{ id: 1 }, { id: true }]);
  });

  test('that SQLite would change are refused before anything is written', async () => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, { id: '\ufffd' });
    await connector.acknowledge();
    expect(await load(connector, '\ud800')).toEqual([]);
    await expect(bench.startCommit(connector, { id: '\ud800' })).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
      message: expect.stringMatching(/"orders".*Unicode/),
    });
  });

  test('may be nested and compound, in the order of the collection', async () => {
    const key = ['/tenant/name', '/id', '/a~1b', '/c~0d', '/list/1'];
    const bindings = [bind('orders', { key })];
    const { connector } = await bench.open({ owner, bindings });
    const document = parseDocument(
      '{"id":1,"tenant":{"name":"x"},"a/b":true,"c~d":9007199254740993,"list":["p","q"],"tenant/name":"field"}',
    ) as Document;
    const values = ['x', 1, true, 9_007_199_254_740_993n, 'q'];
    await connector.acknowledge();
    await connector.flush();
    await connector.store(each([{ binding: 0, key: values, document }]));
    bench.state = (await connector.startCommit({ transactionId: 'a' })).connectorState?.updated;
    await connector.acknowledge();
    expect(primaryKey()).toEqual(['tenant/name', 'id', 'a/b', 'c~d', 'list/1']);
    const [row] = bench.query('SELECT * FROM orders');
    expect({ ...row, flow_document: '' }).toEqual({
      'tenant/name': 'x',
      id: 1n,
      'a/b': 1n,
      'c~d': 9_007_199_254_740_993n,
      'list/1': 'q',
      flow_document: '',
      tenant: '{"name":"x"}',
      list: '["p","q"]',
      'tenant/name_2': 'field',
    });
    expect(await collect(connector.load(each([{ binding: 0, key: values }])))).toEqual([{ binding: 0, document }]);
    expect(
      await collect(connector.load(each([{ binding: 0, key: ['x', 1, 1, 9_007_199_254_740_993n, 'q'] }]))),
    ).toEqual([]);
    // The same columns are found again.
    await bench.open({ owner, bindings });
  });

  test('whose columns would have one name have two', async () => {
    const { connector } = await bench.open({
      owner,
      bindings: [bind('orders', { key: ['/id', '/ID', '/flow_document'] })],
    });
    await connector.acknowledge();
    const document = { id: 1, ID: 'x', flow_document: 'y' };
    await connector.store(each([{ binding: 0, key: [1, 'x', 'y'], document }]));
    await connector.startCommit({ transactionId: 'a' });
    await connector.acknowledge();
    expect(primaryKey()).toEqual(['id', 'ID_2', 'flow_document_2']);
    expect(bench.documents()).toEqual([document]);
  });
});

test.each(['', 'id', '/', '/a\0', '/\ud800'])('a key that can have no column is refused: %j', async (pointer) => {
  await expect(bench.open({ bindings: [bind('orders', { key: [pointer] })] })).rejects.toMatchObject({
    code: 'ENDPOINT_REFUSED',
    message: expect.stringContaining('"orders"'),
  });
});

test('a flow_document that somebody broke is named, and not shown', async () => {
  const { connector } = await bench.open();
  await bench.commit(connector, { id: 7 });
  for (const text of ["'{secret'", "'[]'", 'NULL', '5']) {
    bench.exec(`UPDATE orders SET flow_document = ${text}`);
    const error: unknown = await load(connector, 7).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'ENDPOINT_CORRUPT', message: expect.stringContaining('"orders"') });
    expect(String(error)).not.toContain('secret');
  }
});
