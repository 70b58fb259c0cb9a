import { type TaskState, WriteBatch } from '@aftercommit/persistence';
import { Client, Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { cancelWaitForStandby, runStatements } from '../test/run-statements.js';
import { PostgresStore } from './postgres-store.js';
import { transact } from './transact.js';
import { writeWithin } from './write-within.js';

describe.skipIf(missingPostgres !== undefined)('a batch within a transaction of the host', () => {
  let server: PostgresServer;
  let host: Client;
  let store: PostgresStore;
  let session: TaskState;

  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off' });
    host = new Client({ connectionString: server.url });
    await host.connect();
    await host.query('CREATE TABLE orders (id integer PRIMARY KEY)');
  });

  afterAll(async () => {
    await host?.end();
    await server?.stop();
  });

  beforeEach(async () => {
    store = await PostgresStore.open({ url: server.url, lockTimeoutMs: 200 });
    session = await store.open('task', 'owner');
  });

  afterEach(async () => {
    await store.close();
    await host.query('DROP SCHEMA aftercommit CASCADE; TRUNCATE orders');
  });

  const batch = (): WriteBatch => new WriteBatch(session.fence);

  async function orders(): Promise<number[]> {
    return (await host.query<{ id: number }>('SELECT id FROM orders ORDER BY id')).rows.map(({ id }) => id);
  }

  function commitOrder(id: number, staged: WriteBatch): Promise<void> {
    return transact(host, async () => {
      await host.query('INSERT INTO orders VALUES ($1)', [id]);
      await writeWithin(host, staged);
    });
  }

  test('is committed together with the rows of the host', async () => {
    await commitOrder(1, batch().put('window', 1).put('gone', 1));
    await commitOrder(2, batch().put('window', 2).delete('gone').requireAbsent('new').put('new', [1]));
    expect(await orders()).toEqual([1, 2]);
    expect(await session.list('')).toEqual([
      ['new', [1]],
      ['window', 2],
    ]);
  });

  test('is rolled back together with them', async () => {
    const commit = transact(host, async () => {
      await host.query('INSERT INTO orders VALUES (1)');
      await writeWithin(host, batch().put('window', 1));
      throw new Error('changed my mind');
    });
    await expect(commit).rejects.toThrow('changed my mind');
    expect([await orders(), await session.list('')]).toEqual([[], []]);
  });

  test('takes the rows with it when it is refused, also when the host catches the error', async () => {
    await session.write(new WriteBatch().put('window', 1));
    for (const isolation of ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE']) {
      const commit = transact(host, async () => {
        await host.query(`SET TRANSACTION ISOLATION LEVEL ${isolation}`);
        await host.query('INSERT INTO orders VALUES (1)');
        const refused = writeWithin(host, batch().requireAbsent('window').put('window', 2).put('other', 2));
        await expect(refused).rejects.toMatchObject({
          code: 'STORE_KEY_EXISTS',
          message: expect.stringContaining('"window"'),
        });
      });
      await expect(commit).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', applied: 'no' });
      expect([await orders(), await session.list('')]).toEqual([[], [['window', 1]]]);
    }
  });

  test('is refused with the rows when the task was opened again, before or in the middle of the transaction', async () => {
    for (const isolation of ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE']) {
      const zombie = await store.open('task', 'zombie');
      const commit = transact(host, async () => {
        await host.query(`SET TRANSACTION ISOLATION LEVEL ${isolation}`);
        await host.query('INSERT INTO orders VALUES (1)');
        session = await store.open('task', 'next');
        await writeWithin(host, new WriteBatch(zombie.fence).put('window', 'zombie'));
      });
      // In a transaction with a snapshot of its own, PostgreSQL itself notices that the row has changed.
      const code = isolation === 'READ COMMITTED' ? 'STORE_FENCED' : 'STORE_LOCKED';
      await expect(commit).rejects.toMatchObject({ code, applied: 'no' });
      await expect(commitOrder(2, new WriteBatch(zombie.fence))).rejects.toMatchObject({
        code: 'STORE_FENCED',
        message: expect.stringContaining(`epoch ${session.fence.epoch}`),
      });
    }
    expect([await orders(), await session.list('')]).toEqual([[], []]);
  });

  test('makes whoever opens the task wait until it is committed', async () => {
    const other = await PostgresStore.open({ url: server.url, lockTimeoutMs: 10_000 });
    let opening: Promise<TaskState> | undefined;
    await transact(host, async () => {
      await writeWithin(host, batch().put('window', 1));
      await expect(store.open('task', 'impatient')).rejects.toMatchObject({ code: 'STORE_LOCKED' });
      opening = other.open('task', 'next');
    });
    expect(await (await opening)?.get('window')).toBe(1);
    await other.close();
  });

  test('is as durable as a write of the store, also where the host turned that off', async () => {
    const settings = `SELECT current_setting('synchronous_commit') AS commit,
      current_setting('idle_in_transaction_session_timeout') AS idle`;
    await host.query('SET synchronous_commit = off');
    await transact(host, async () => {
      await writeWithin(host, batch());
      expect((await host.query(settings)).rows).toEqual([{ commit: 'on', idle: '10s' }]);
    });
    expect((await host.query(settings)).rows).toEqual([{ commit: 'off', idle: '0' }]);
    await host.query('RESET synchronous_commit');
  });

  test('refuses a client without a transaction, a pool, and a batch without a fence', async () => {
    await expect(writeWithin(host, batch())).rejects.toThrow(TypeError);
    const pool = new Pool({ connectionString: server.url });
    // @ts-expect-error: a pool has no transaction
    await expect(writeWithin(pool, batch())).rejects.toThrow(TypeError);
    await pool.end();
    const unfenced = transact(host, () => writeWithin(host, new WriteBatch()));
    await expect(unfenced).rejects.toThrow(TypeError);
    await host.query('BEGIN');
    await expect(transact(host, async () => undefined)).rejects.toThrow(TypeError);
    await host.query('ROLLBACK');
  });

  test('says when the tables are not in this database, or somewhere else in it', async () => {
    const elsewhere = transact(host, () => writeWithin(host, batch(), { schema: 'elsewhere' }));
    await expect(elsewhere).rejects.toMatchObject({
      code: 'STORE_SCHEMA_UNKNOWN',
      message: expect.stringContaining('PostgresStore.open'),
    });
  });

  test('says that a transaction has failed before, and is rolled back', async () => {
    const commit = transact(host, async () => {
      await host.query('SELECT 1/0').catch(() => undefined);
      await writeWithin(host, batch().put('window', 1));
    });
    await expect(commit).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('roll it back'),
    });
    expect(await session.list('')).toEqual([]);
  });

  test('lets out what a deferred constraint says of a commit', async () => {
    await host.query('CREATE TABLE later (id integer UNIQUE DEFERRABLE INITIALLY DEFERRED)');
    const commit = transact(host, async () => {
      await host.query('INSERT INTO later VALUES (1), (1)');
      await writeWithin(host, batch().put('window', 1));
    });
    await expect(commit).rejects.toMatchObject({ code: '23505' });
    expect(await session.list('')).toEqual([]);
  });

  test('does not take a wait for a standby for a success that was cancelled', async () => {
    await runStatements(server.url, `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`, 'SELECT pg_reload_conf()');
    let committed = 0;
    const error = await cancelWaitForStandby(server.url, (time) => {
      committed = time;
      return commitOrder(time, batch().put('window', time));
    });
    expect(error).toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN', applied: 'unknown' });
    await runStatements(server.url, 'ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()');
    expect((await orders()).at(-1)).toBe(committed);
  });
});
