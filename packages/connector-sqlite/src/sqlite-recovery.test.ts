import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bind, load, type Owner, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

const owners: Owner[] = ['endpoint', 'store'];
const stagings = () => bench.query('SELECT * FROM aftercommit_staging');
const record = () => bench.query('SELECT runtime_checkpoint, applied FROM aftercommit_materialization')[0];

describe('an endpoint that owns the checkpoint', () => {
  test('gives it back unchanged', async () => {
    const { connector } = await bench.open();
    await connector.acknowledge();
    const checkpoint = {
      transactionId: 'b',
      parentId: 'a',
      window: { x: ['ü"\u0000\ud800'] },
      position: [1e-7, null, {}],
    };
    await connector.startCommit(checkpoint);
    const { opened } = await bench.open();
    expect(JSON.stringify(opened.runtimeCheckpoint)).toBe(JSON.stringify(checkpoint));
  });

  test('keeps that of the last commit alone', async () => {
    const { connector } = await bench.open();
    await bench.commit(connector, { id: 1 });
    const last = await bench.startCommit(connector, { id: 2 });
    expect((await bench.open()).opened.runtimeCheckpoint).toEqual(last);
  });

  test('returns no state where none names a staging', async () => {
    const { connector } = await bench.open();
    await connector.acknowledge();
    expect(await connector.startCommit({ transactionId: 'a' })).toEqual({});
  });
});

describe('a staging', () => {
  test('is named by the state', async () => {
    const { connector } = await bench.open({ owner: 'store', epoch: 1_700_000_000_000_001n });
    await connector.acknowledge();
    expect(await connector.startCommit({ transactionId: 'a' })).toEqual({
      connectorState: {
        updated: { staging: { transactionId: 'a', epoch: '1700000000000001' } },
        mergePatch: false,
      },
    });
  });

  test.each(owners)('that the state names is applied at the first acknowledge, by owner %s', async (owner) => {
    await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1 });
    const { connector, opened } = await bench.open({ owner });
    expect(opened).toEqual({ newBindings: new Set() });
    expect(bench.documents()).toEqual([]);
    await connector.acknowledge();
    expect(bench.documents()).toEqual([{ id: 1 }]);
    expect(stagings()).toEqual([]);
    expect(record()).toEqual({ runtime_checkpoint: null, applied: 'transaction-1' });
  });

  test.each(owners)('that the store never committed is removed, by owner %s', async (owner) => {
    const first = await bench.open({ owner: 'store' });
    await bench.commit(first.connector, { id: 1 });
    await bench.startCommit(first.connector, { id: 2 });
    const { connector, opened } = await bench.open({ owner });
    expect(opened).toEqual({ newBindings: new Set() });
    await connector.acknowledge();
    expect(bench.documents()).toEqual([{ id: 1 }]);
    expect(stagings()).toEqual([]);
    expect(bench.query('SELECT * FROM aftercommit_staged_document')).toEqual([]);
  });

  test('is told from one of the same transaction and another epoch', async () => {
    await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1 });
    const { opened } = await bench.open({ state: { staging: { transactionId: 'transaction-1', epoch: '7' } } });
    expect(opened.divergence).toMatchObject({ code: 'ENDPOINT_LOST_STAGING' });
  });

  test('that the state names is kept alone of those with its id', async () => {
    await bench.commit((await bench.open({ owner: 'store', epoch: 5n })).connector, { id: 1 });
    bench.exec(`INSERT INTO aftercommit_staging VALUES ('acme/orders', 'transaction-1', 4)`);
    const { connector } = await bench.open({ owner: 'store' });
    await connector.acknowledge();
    expect(bench.documents()).toEqual([{ id: 1 }]);
    expect(stagings()).toEqual([]);
  });

  test('of this epoch or a later one is not removed', async () => {
    await bench.open({ owner: 'store' });
    bench.exec(`INSERT INTO aftercommit_staging VALUES ('acme/orders', 'same', 2), ('acme/orders', 'later', 3),
      ('acme/orders', 'earlier', 1), ('acme/others', 'of another', 1)`);
    const { connector } = await bench.open({ owner: 'store', epoch: 2n });
    expect(stagings()).toHaveLength(4);
    expect(await connector.acknowledge()).toEqual({});
    expect(stagings().map((row) => row['transaction_id'])).toEqual(['later', 'same', 'of another']);
  });

  test('is still there when the right state is put back after a wrong one was given up', async () => {
    const first = await bench.open({ owner: 'store' });
    await bench.commit(first.connector, { id: 1 });
    const right = bench.state;
    for (const state of [undefined, { staging: { transactionId: 'another', epoch: '1' } }]) {
      const wrong = await bench.open({ owner: 'store', state });
      expect(wrong.opened.newBindings).toEqual(new Set([0]));
      await wrong.connector.close();
    }
    const { connector, opened } = await bench.open({ owner: 'store', state: right });
    expect(opened).toEqual({ newBindings: new Set() });
    await connector.acknowledge();
    expect(bench.documents()).toEqual([{ id: 1 }]);
  });

  test('that is applied takes those along that nobody committed', async () => {
    await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1 });
    bench.exec(`INSERT INTO aftercommit_staging VALUES ('acme/orders', 'lost', 1);
      INSERT INTO aftercommit_staged_document VALUES ('acme/orders', 'lost', 1, 0, 'orders', '[2]', '{"id":2}')`);
    await (await bench.open({ owner: 'store' })).connector.acknowledge();
    expect(bench.documents()).toEqual([{ id: 1 }]);
    expect([stagings(), bench.query('SELECT * FROM aftercommit_staged_document')]).toEqual([[], []]);
  });

  test('is applied once, also when acknowledge is called twice', async () => {
    const bindings = [bind('events', { delta: true })];
    const { connector } = await bench.open({ owner: 'store', bindings });
    await bench.commit(connector, { id: 1 });
    await connector.acknowledge();
    expect(await connector.acknowledge()).toEqual({});
    const next = await bench.open({ owner: 'store', bindings });
    await next.connector.acknowledge();
    expect(bench.documents('events')).toEqual([{ id: 1 }]);
  });

  test('is applied to tables that no binding has any more', async () => {
    await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1 });
    const { connector, opened } = await bench.open({ owner: 'store', bindings: [bind('users')] });
    expect(opened.newBindings).toEqual(new Set([0]));
    await connector.acknowledge();
    expect(bench.documents('orders')).toEqual([{ id: 1 }]);
  });

  test('is applied to a table that was dropped meanwhile', async () => {
    await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1 });
    bench.exec('DROP TABLE orders');
    const { connector } = await bench.open({ owner: 'store', bindings: [bind('users')] });
    await connector.acknowledge();
    expect(bench.documents('orders')).toEqual([{ id: 1 }]);
  });

  test('that vanishes while it is to be applied is not taken for applied', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    bench.exec('DELETE FROM aftercommit_staging');
    await expect(connector.acknowledge()).rejects.toMatchObject({ code: 'ENDPOINT_LOST_STAGING' });
  });
});

describe('an acknowledge with nothing to apply', () => {
  test.each(owners)('writes nothing, owner %s', async (owner) => {
    const { connector } = await bench.open({ owner });
    await bench.commit(connector, { id: 1 });
    await connector.acknowledge();
    const before = bench.query('PRAGMA data_version');
    expect(await connector.acknowledge()).toEqual({});
    expect(bench.query('PRAGMA data_version')).toEqual(before);
  });
});

describe('a divergence', () => {
  test.each(owners)('is a staging that is lost, whether or not rows are there: owner %s', async (owner) => {
    await bench.commit((await bench.open({ owner: 'store' })).connector, { id: 1 });
    bench.exec('DELETE FROM aftercommit_staging; DELETE FROM aftercommit_staged_document');
    const { opened } = await bench.open({ owner });
    expect(opened.divergence).toMatchObject({
      code: 'ENDPOINT_LOST_STAGING',
      message: expect.stringMatching(
        /transaction-1.*nothing was applied.*restore the one that is wrong.*acceptEndpointCheckpoint.*appended once more/,
      ),
    });
  });

  test.each(owners)('is a mark other than the one that the state names: owner %s', async (owner) => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    const old = bench.state;
    await bench.commit(connector, { id: 2 });
    await connector.acknowledge();
    const { opened } = await bench.open({ owner, state: old });
    expect(opened.divergence).toMatchObject({
      code: 'ENDPOINT_LOST_STAGING',
      message: expect.stringMatching(/names the staged transaction transaction-1,.*applied last was transaction-2/),
    });
  });

  test.each(owners)('is a mark that the state knows nothing of: owner %s', async (owner) => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    await connector.acknowledge();
    for (const state of [
      undefined,
      {},
      null,
      'text',
      { staging: 1 },
      { staging: { transactionId: 'a', epoch: 'x' } },
    ]) {
      const { opened } = await bench.open({ owner, state });
      expect(opened.divergence).toMatchObject({ code: 'CHECKPOINT_DIVERGED' });
    }
  });

  test('changes nothing but the fence, so that the right state goes on', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    const old = bench.state;
    await bench.commit(connector, { id: 2 });
    await bench.commit(connector, { id: 3 });
    const wrong = await bench.open({ owner: 'store', state: old });
    expect(wrong.opened.divergence).toBeDefined();
    await wrong.connector.close();
    const right = await bench.open({ owner: 'store' });
    expect(right.opened.divergence).toBeUndefined();
    await right.connector.acknowledge();
    expect(bench.documents()).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  test.each(owners)('that is accepted begins anew over the rows that are there: owner %s', async (owner) => {
    const first = await bench.open({ owner: 'store' });
    await bench.commit(first.connector, { id: 1 });
    const old = bench.state;
    await bench.commit(first.connector, { id: 2 });
    await bench.commit(first.connector, { id: 3 });
    const { connector, opened } = await bench.open({ owner, state: old });
    expect(opened.divergence).toMatchObject({ code: 'ENDPOINT_LOST_STAGING' });
    await expect(connector.flush()).rejects.toThrow('acknowledge comes before');
    expect(await connector.acknowledge()).toEqual({ connectorState: { updated: {}, mergePatch: false } });
    expect(record()).toEqual({ runtime_checkpoint: null, applied: null });
    expect(stagings()).toEqual([]);
    bench.state = {};
    expect(await load(connector, 1, 2, 3)).toEqual([{ id: 1 }, { id: 2 }]);
    await bench.commit(connector, { id: 1, again: true });
    const next = await bench.open({ owner });
    expect(next.opened.divergence).toBeUndefined();
    await next.connector.acknowledge();
    expect(await load(next.connector, 1)).toEqual([{ id: 1, again: true }]);
  });

  test('is met again when the state that was cleared never became durable', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    bench.exec('DELETE FROM aftercommit_staging');
    const accepted = await bench.open({ owner: 'store' });
    await accepted.connector.acknowledge();
    expect((await bench.open({ owner: 'store' })).opened.divergence).toMatchObject({ code: 'ENDPOINT_LOST_STAGING' });
  });
});

describe('a change of the owner', () => {
  test('from endpoint to store returns the checkpoint until a staging is applied', async () => {
    const first = await bench.startCommit((await bench.open()).connector, { id: 1 });
    const store = await bench.open({ owner: 'store' });
    expect(store.opened.runtimeCheckpoint).toEqual(first);
    await bench.startCommit(store.connector, { id: 2 });
    // The store never committed it: the checkpoint still counts.
    expect((await bench.open({ owner: 'store' })).opened.runtimeCheckpoint).toEqual(first);
    const again = await bench.open({ owner: 'store' });
    await bench.commit(again.connector, { id: 3 });
    // The store has committed it: the checkpoint that is left is superseded.
    const next = await bench.open({ owner: 'store' });
    expect(next.opened.runtimeCheckpoint).toBeUndefined();
    await next.connector.acknowledge();
    expect(record()).toEqual({ runtime_checkpoint: null, applied: 'transaction-3' });
    expect(bench.documents()).toEqual([{ id: 1 }, { id: 3 }]);
  });

  test('from store to endpoint clears the state with the first commit', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    await connector.acknowledge();
    const endpoint = await bench.open();
    expect(endpoint.opened).toEqual({ newBindings: new Set() });
    await endpoint.connector.acknowledge();
    expect(await endpoint.connector.startCommit({ transactionId: 'own' })).toEqual({
      connectorState: { updated: {}, mergePatch: false },
    });
    expect(record()).toEqual({ runtime_checkpoint: '{"transactionId":"own"}', applied: null });
    await endpoint.connector.acknowledge();
    expect(await endpoint.connector.startCommit({ transactionId: 'second' })).toEqual({});
  });

  test('from store to endpoint leaves it to the runtime to judge a state that was not cleared', async () => {
    const { connector } = await bench.open({ owner: 'store' });
    await bench.commit(connector, { id: 1 });
    const endpoint = await bench.open();
    const own = await bench.startCommit(endpoint.connector, { id: 2 });
    for (const owner of owners) {
      const { opened } = await bench.open({ owner });
      expect(opened).toEqual({ runtimeCheckpoint: own, newBindings: new Set() });
    }
  });
});
