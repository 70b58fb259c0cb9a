import { isConnectorError } from '@aftercommit/runtime-adapter';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bind, load, SqliteBench } from '../test/sqlite-bench.js';

let bench: SqliteBench;
beforeEach(async () => {
  bench = new SqliteBench();
  await bench.commit((await bench.open({ owner: 'store', epoch: 1_700_000_000_000_000n })).connector, { id: 1 });
});
afterEach(() => bench.remove());

const failing: Array<[what: string, work: () => Promise<unknown>]> = [
  ['another key', () => bench.open({ state: undefined, bindings: [bind('ORDERS', { key: ['/b'] })] })],
  ['a name that cannot be', () => bench.open({ bindings: [bind('sqlite_x')] })],
  ['two bindings of one table', () => bench.open({ bindings: [bind('a'), bind('A')] })],
  ['another letter case', () => bench.open({ bindings: [bind('Orders')] })],
  ['a key that can have no column', () => bench.open({ bindings: [bind('a', { key: [''] })] })],
  ['a session that is fenced at open', () => bench.open({ epoch: 1n })],
  [
    'a session that is fenced later',
    async () => {
      const { connector } = await bench.open();
      await bench.open();
      await connector.acknowledge();
    },
  ],
  [
    'a record that was removed',
    async () => {
      const { connector } = await bench.open();
      bench.exec('DELETE FROM aftercommit_materialization');
      await connector.acknowledge();
    },
  ],
  [
    'a newer version',
    async () => {
      bench.exec('UPDATE aftercommit_endpoint SET version = 2');
      await bench.open();
    },
  ],
  [
    'a table of somebody else',
    async () => {
      bench.exec('CREATE TABLE theirs (x)');
      await bench.open({ bindings: [bind('theirs')] });
    },
  ],
  [
    'a table without its record',
    async () => {
      const { connector } = await bench.open();
      await connector.acknowledge();
      bench.exec('DELETE FROM aftercommit_table');
      await load(connector, 1);
    },
  ],
  [
    'a table without its columns',
    async () => {
      bench.exec('DROP TABLE orders; CREATE TABLE orders (x)');
      await bench.open();
    },
  ],
  [
    'a document that was changed by hand',
    async () => {
      const { connector } = await bench.open();
      await connector.acknowledge();
      bench.exec(`UPDATE orders SET flow_document = 'secret'`);
      await load(connector, 1);
    },
  ],
  [
    'a document under the key of another one',
    async () => {
      const { connector } = await bench.open();
      await connector.acknowledge();
      bench.exec(`UPDATE orders SET flow_document = '{"id":2,"text":"secret"}'`);
      await load(connector, 1);
    },
  ],
  [
    'a runtime checkpoint that is no JSON',
    async () => {
      bench.exec(`UPDATE aftercommit_materialization SET runtime_checkpoint = '{"secret'`);
      await bench.open();
    },
  ],
  [
    'a record of a table that is no JSON',
    async () => {
      bench.exec(`UPDATE aftercommit_table SET key = '["secret'`);
      await bench.open();
    },
  ],
  ['keys that are one to SQLite', async () => bench.startCommit((await bench.open()).connector, { id: true })],
  ['a key that is no text', async () => bench.startCommit((await bench.open()).connector, { id: '\ud800' })],
  [
    'a staging that vanishes',
    async () => {
      const { connector } = await bench.open();
      bench.exec('DELETE FROM aftercommit_staging');
      await connector.acknowledge();
    },
  ],
  [
    'a lost staging',
    async () => {
      bench.exec('DELETE FROM aftercommit_staging');
      throw (await bench.open()).opened.divergence;
    },
  ],
  [
    'rows that no state knows of',
    async () => {
      await (await bench.open()).connector.acknowledge();
      throw (await bench.open({ state: undefined })).opened.divergence;
    },
  ],
  [
    'a table that was dropped in a session',
    async () => {
      const { connector } = await bench.open();
      bench.exec('DROP TABLE orders');
      await connector.acknowledge();
    },
  ],
  [
    'a closed connector',
    async () => {
      const { connector } = await bench.open();
      await connector.close();
      await connector.acknowledge();
    },
  ],
];

test.each(failing)('%s: the message names materialization and file, in whole sentences', async (_what, work) => {
  const error: unknown = await work().then(
    () => 'it did not fail',
    (reason: unknown) => reason,
  );
  if (!isConnectorError(error)) throw new Error(`met ${String(error)}`);
  expect(error.message).toMatch(/^acme\/orders: [a-z].* .*orders\.db.*\.$/);
  expect(error.message).not.toMatch(/secret|\d{16}|\.\.|drop this/);
});

test.each([
  [`UPDATE aftercommit_materialization SET runtime_checkpoint = '{'`],
  [`UPDATE aftercommit_table SET key = ''`],
])('what was kept and cannot be read means that the file is damaged: %s', async (damage) => {
  bench.exec(damage);
  await expect(bench.open()).rejects.toMatchObject({ code: 'ENDPOINT_CORRUPT' });
});

test.each([[{ key: ['/b'] }], [{ delta: true }]])(
  'a table of another shape: %j, and the advice leads on',
  async (shape) => {
    await (await bench.open()).connector.acknowledge();
    await expect(bench.open({ bindings: [bind('orders', shape)] })).rejects.toThrow(
      /Name another table: it is filled from the start of the sources\.$/,
    );
  },
);
