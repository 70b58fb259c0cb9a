import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bind, collect, each, load, type Owner, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

describe.each<Owner>(['endpoint', 'store'])('a session whose checkpoint is owned by the %s', (owner) => {
  test('finds a file that holds nothing new, whole', async () => {
    const { opened } = await bench.open({ owner });
    expect(opened).toEqual({ newBindings: new Set([0]) });
  });

  test('shows nothing before startCommit, and everything after the next acknowledge', async () => {
    const { connector } = await bench.open({ owner });
    await connector.acknowledge();
    await connector.flush();
    await connector.store(each([{ binding: 0, key: [1], document: { id: 1 } }]));
    expect(bench.documents()).toEqual([]);
    await connector.startCommit({ transactionId: 'first' });
    expect(bench.documents()).toEqual(owner === 'endpoint' ? [{ id: 1 }] : []);
    await connector.acknowledge();
    expect(bench.documents()).toEqual([{ id: 1 }]);
  });

  test('forgets what was stored and never started to commit', async () => {
    const { connector } = await bench.open({ owner });
    await connector.acknowledge();
    await connector.store(each([{ binding: 0, key: [1], document: { id: 1 } }]));
    await connector.close();
    const { opened } = await bench.open({ owner });
    expect(opened).toEqual({ newBindings: new Set([0]) });
    expect(bench.documents()).toEqual([]);
  });

  test('replaces the whole row of a document that is there', async () => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, { id: 1, name: 'one', size: 3 });
    await bench.commit(connector, { id: 1, name: 'uno' });
    await connector.acknowledge();
    expect(bench.query('SELECT id, name, size FROM orders')).toEqual([{ id: 1n, name: 'uno', size: null }]);
    expect(bench.documents()).toEqual([{ id: 1, name: 'uno' }]);
  });

  test('says which bindings hold rows', async () => {
    const bindings = [bind('orders'), bind('users')];
    const first = await bench.open({ owner, bindings });
    expect(first.opened.newBindings).toEqual(new Set([0, 1]));
    await bench.commit(first.connector, { id: 1 });
    await first.connector.acknowledge();
    const { opened } = await bench.open({ owner, bindings });
    expect(opened.newBindings).toEqual(new Set([1]));
  });

  test('says that a table which was emptied by hand is new', async () => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, { id: 1 });
    await connector.acknowledge();
    bench.exec('DELETE FROM orders');
    expect((await bench.open({ owner })).opened.newBindings).toEqual(new Set([0]));
  });

  test('commits a transaction without documents', async () => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector);
    await connector.acknowledge();
    expect(bench.documents()).toEqual([]);
    expect((await bench.open({ owner })).opened.divergence).toBeUndefined();
  });

  test('appends every document to a delta table', async () => {
    const bindings = [bind('events', { delta: true })];
    const { connector } = await bench.open({ owner, bindings });
    await bench.commit(connector, { id: 1, at: 'a' }, { id: 1, at: 'b' });
    await bench.commit(connector, { id: 1, at: 'a' });
    await connector.acknowledge();
    await connector.acknowledge();
    expect(bench.documents('events')).toEqual([
      { id: 1, at: 'a' },
      { id: 1, at: 'b' },
      { id: 1, at: 'a' },
    ]);
    expect(await load(connector, 1)).toEqual([]);
  });

  test('commits 10,000 documents in one transaction', async () => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, ...Array.from({ length: 10_000 }, (_, id) => ({ id, name: `n${id}` })));
    await connector.acknowledge();
    expect(bench.query('SELECT count(*) AS rows, count(DISTINCT name) AS names FROM orders')).toEqual([
      { rows: 10_000n, names: 10_000n },
    ]);
  });

  test('answers each document that is there once', async () => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, { id: 1 }, { id: 2 });
    await connector.acknowledge();
    expect(await load(connector, 2, 3, 1, 2)).toEqual([{ id: 2 }, { id: 1 }]);
  });

  test('reads nothing of keys without one', async () => {
    const { connector } = await bench.open({ owner });
    await connector.acknowledge();
    expect(await collect(connector.load(each([])))).toEqual([]);
  });

  test('refuses to commit before what was committed is acknowledged', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    await expect(bench.storeAndStart(connector, { id: 2 })).rejects.toThrow('acknowledge comes before');
  });

  test('closes twice, and does nothing afterwards', async () => {
    const { connector } = await bench.open({ owner });
    await connector.close();
    await connector.close();
    const closed = { code: 'ENDPOINT_UNAVAILABLE' };
    await expect(connector.acknowledge()).rejects.toMatchObject(closed);
    await expect(connector.flush()).rejects.toMatchObject(closed);
    await expect(connector.store(each([]))).rejects.toMatchObject(closed);
    await expect(connector.startCommit({ transactionId: 'late' })).rejects.toMatchObject(closed);
    await expect(load(connector, 1)).rejects.toMatchObject(closed);
    await expect(connector.open({ epoch: 9n })).rejects.toThrow('opened before');
  });

  test('passes on what the documents throw, and commits nothing of them', async () => {
    const { connector } = await bench.open({ owner });
    await connector.acknowledge();
    const broken = async function* () {
      yield { binding: 0, key: [1], document: { id: 1 } };
      throw new Error('the source broke');
    };
    await expect(connector.store(broken())).rejects.toThrow('the source broke');
    await connector.close();
    await bench.open({ owner });
    expect(bench.documents()).toEqual([]);
  });

  test('leaves no binding out: an unknown one is an error', async () => {
    const { connector } = await bench.open({ owner });
    await connector.acknowledge();
    await expect(connector.store(each([{ binding: 1, key: [1], document: {} }]))).rejects.toThrow(RangeError);
  });
});

describe('a load', () => {
  test('answers only what is applied, also when it begins before the acknowledge', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1, name: 'old' });
    await bench.commit(connector, { id: 1, name: 'new' });
    const answers = load(connector, 1);
    await Promise.resolve();
    await connector.acknowledge();
    expect(await answers).toEqual([{ id: 1, name: 'new' }]);
  });

  test('sees what a crashed session left to be applied', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    const next = await bench.open({ owner: 'store' });
    expect(next.opened.newBindings).toEqual(new Set());
    const answers = load(next.connector, 1);
    await next.connector.acknowledge();
    expect(await answers).toEqual([{ id: 1 }]);
  });

  test('ends when the connector is closed while it waits to be acknowledged', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    const answers = load(connector, 1);
    await connector.close();
    expect(await answers).toEqual([]);
  });

  test('ends when the connector is closed while it waits for a key', async () => {
    const { connector } = await bench.open();
    await connector.acknowledge();
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const answers = collect(connector.load(never));
    await Promise.resolve();
    await connector.close();
    expect(await answers).toEqual([]);
  });

  test('fails when what it waits for cannot be applied', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    const answers = load(connector, 1);
    await bench.open({ owner: 'store' });
    const expected = expect(answers).rejects.toMatchObject({ code: 'ENDPOINT_FENCED' });
    await expect(connector.acknowledge()).rejects.toMatchObject({ code: 'ENDPOINT_FENCED' });
    await expected;
  });

  test('lets the keys go when the reader leaves', async () => {
    const { connector } = await bench.open();
    await bench.commit(connector, { id: 1 }, { id: 2 });
    let isReleased = false;
    const keys = async function* () {
      try {
        yield { binding: 0, key: [1] };
        yield { binding: 0, key: [2] };
      } finally {
        isReleased = true;
      }
    };
    for await (const _answer of connector.load(keys())) break;
    expect(isReleased).toBe(true);
  });
});
