import { type StoreError, WriteBatch } from '@aftercommit/persistence';
import { mailboxKey } from '@aftercommit/persistence/implement';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { type DroppingProxy, startDroppingProxy } from '../test/dropping-proxy.js';
import { runStatements, until } from '../test/run-statements.js';
import { connectToPrimary } from './connect.js';
import { hostsOf } from './hosts.js';
import { migrations } from './migrations.js';
import { PostgresStore } from './postgres-store.js';
import type { PostgresStoreOptions } from './store-options.js';

const closedPort = 1;

describe.skipIf(missingPostgres !== undefined)('a store in PostgreSQL', () => {
  let server: PostgresServer;
  let proxy: DroppingProxy;
  let schema: string;
  let schemas = 0;
  const stores: PostgresStore[] = [];

  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off' });
    proxy = await startDroppingProxy(server.port);
    await runStatements(server.url, `CREATE ROLE writer LOGIN PASSWORD 'letmein'`);
  });

  afterAll(async () => {
    await proxy?.close();
    await server?.stop();
  });

  beforeEach(() => {
    schemas += 1;
    schema = `schema_${schemas}`;
  });

  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });

  async function open(options: PostgresStoreOptions = {}): Promise<PostgresStore> {
    const store = await PostgresStore.open({ url: server.url, schema, ...options });
    stores.push(store);
    return store;
  }

  async function refusalOf(options: PostgresStoreOptions): Promise<StoreError> {
    return open(options).then(
      () => Promise.reject(new Error('it was opened')),
      (error: StoreError) => error,
    );
  }

  const urlOf = (role: string): string => `postgres://${role}@127.0.0.1:${server.port}/postgres`;

  describe('writes', () => {
    test('in one message to the server, whatever is in the batch, also of many tasks', async () => {
      const store = await open({ url: server.url.replace(String(server.port), String(proxy.port)), maxConnections: 2 });
      const sessions = await Promise.all(
        Array.from({ length: 20 }, (_, index) => store.open(`task ${index}`, 'owner')),
      );
      const batch = (round: number): WriteBatch =>
        new WriteBatch()
          .put('a', round)
          .put(`b ${round}`, round)
          .delete(`b ${round - 1}`)
          .requireAbsent(`b ${round}`);
      // Each connection is told about the statement with its first write.
      await Promise.all(sessions.map((session) => session.write(batch(0))));
      const before = proxy.requests;
      await sessions[0]?.write(batch(1));
      expect(proxy.requests - before).toBe(1);
      await Promise.all(sessions.slice(1).map((session) => session.write(batch(1))));
      expect(proxy.requests - before).toBe(2);
    });

    test('other tasks while somebody holds one of them locked', async () => {
      const store = await open({ lockTimeoutMs: 200 });
      const names = ['locked', 'free', 'another'];
      const [locked, ...others] = await Promise.all(names.map((name) => store.open(name, 'owner')));
      const host = new Client({ connectionString: server.url });
      await host.connect();
      await host.query(`BEGIN; SELECT * FROM ${schema}.task WHERE task = 'locked' FOR UPDATE`);
      const waiting = expect(locked?.write(new WriteBatch().put('key', 1))).rejects.toMatchObject({
        code: 'STORE_LOCKED',
        applied: 'no',
      });
      await Promise.all(others.map((session) => session.write(new WriteBatch().put('key', 1))));
      await waiting;
      await host.query('ROLLBACK');
      await host.end();
      await locked?.write(new WriteBatch().put('key', 2));
      expect(await locked?.get('key')).toBe(2);
    });

    test('what is written beside a key that is too long for an index', async () => {
      const store = await open();
      const [one, two] = await Promise.all(['one', 'two'].map((name) => store.open(name, 'owner')));
      // Of equal letters it would be compressed, and fit.
      const tooLong = Array.from({ length: 4000 }, (_, index) => String.fromCodePoint(256 + ((index * 7919) % 9000)));
      const results = await Promise.allSettled([
        one?.write(new WriteBatch().put(tooLong.join(''), 1)),
        two?.write(new WriteBatch().put('key', 1)),
      ]);
      expect(results).toMatchObject([
        { status: 'rejected', reason: { code: 'STORE_UNAVAILABLE', applied: 'no' } },
        { status: 'fulfilled' },
      ]);
      expect(await two?.get('key')).toBe(1);
    });

    test('groups that are bounded by their text, in order', async () => {
      const store = await open({ maxConnections: 2 });
      const sessions = await Promise.all(Array.from({ length: 6 }, (_, index) => store.open(`task ${index}`, 'owner')));
      const large = 'x'.repeat(1024 * 1024);
      await Promise.all(sessions.map((session, index) => session.write(new WriteBatch().put('key', large + index))));
      for (const [index, session] of sessions.entries()) expect(await session.get('key')).toBe(large + index);
      // The large one finds the group full, and the small one behind it would still fit.
      const [first, second] = sessions;
      const filling = first?.write(new WriteBatch().put('key', large.repeat(3)));
      await Promise.all([
        filling,
        second?.write(new WriteBatch().put('key', large.repeat(2))),
        second?.write(new WriteBatch().put('key', 'small')),
      ]);
      expect(await second?.get('key')).toBe('small');
    });

    test('before a read that was begun later, and before it closes', async () => {
      const store = await open();
      const session = await store.open('task', 'owner');
      const written = [session.write(new WriteBatch().put('key', 1)), session.write(new WriteBatch().put('key', 2))];
      expect(await session.get('key')).toBe(2);
      expect(await store.read('task')).toEqual([['key', 2]]);
      written.push(session.write(new WriteBatch().put('key', 3)));
      await store.close();
      await Promise.all(written);
      expect(await (await open()).read('task')).toEqual([['key', 3]]);
    });
  });

  test('takes epochs from the clock of the server: that of a host may be an hour off', async () => {
    const store = await open();
    const epochs: bigint[] = [];
    for (const skewMs of [0, -3_600_000, 3_600_000]) {
      const skewed = vi.spyOn(Date, 'now').mockReturnValue(performance.timeOrigin + performance.now() + skewMs);
      epochs.push((await store.open('task', 'owner')).fence.epoch);
      skewed.mockRestore();
    }
    const [row] = await runStatements(server.url, 'SELECT extract(epoch FROM clock_timestamp()) AS now');
    const [first = 0n, second = 0n, third = 0n] = epochs;
    expect(first < second && second < third).toBe(true);
    for (const epoch of epochs) expect(Math.abs(Number(epoch) / 1e6 - Number(row?.['now']))).toBeLessThan(600);
  });

  test('names messages as every store does', async () => {
    const store = await open();
    await store.request('task', 'hello');
    await store.request('task', 'again');
    expect((await store.read('task')).map(([key]) => key)).toEqual([mailboxKey(1n), mailboxKey(2n)]);
    expect(await store.tasks()).toEqual([]);
  });

  test('says that a value is damaged which is no JSON, naming its key alone', async () => {
    const store = await open();
    const session = await store.open('task', 'owner');
    await session.write(new WriteBatch().put('key', 1));
    await runStatements(server.url, `UPDATE ${schema}.entry SET value = 'secret'`);
    const error: StoreError = await session.get('key').then(
      () => Promise.reject(new Error('it was read')),
      (reason) => reason,
    );
    expect(error.code).toBe('STORE_CORRUPT');
    expect(error.message).toContain('"key"');
    expect(error.message).not.toContain('secret');
  });

  test('keeps no process alive while nobody waits for it', async () => {
    const keepingAlive = (): number =>
      process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
    const before = keepingAlive();
    const store = await open();
    await store.open('task', 'owner');
    expect(keepingAlive()).toBeLessThanOrEqual(before);
    const client = new Client({ connectionString: server.url });
    await client.connect();
    expect(keepingAlive()).toBeGreaterThan(0);
    await client.end();
  });

  describe('opens', () => {
    test('on many hosts at once: one of them makes the tables', async () => {
      const opened = await Promise.all(Array.from({ length: 8 }, () => open()));
      await Promise.all(opened.map((store, index) => store.open(`task ${index}`, 'owner')));
      expect(await opened[0]?.tasks()).toHaveLength(8);
      const made = await runStatements(server.url, `SELECT version FROM ${schema}.migration ORDER BY version`);
      expect(made).toEqual(migrations.map((_, index) => ({ version: index + 1 })));
    });

    test('no tables of a newer version', async () => {
      await (await open()).close();
      await runStatements(server.url, `INSERT INTO ${schema}.migration (version) VALUES (99)`);
      const error = await refusalOf({});
      expect(error.code).toBe('STORE_SCHEMA_UNKNOWN');
      expect(error.message).toContain('version 99');
    });

    test('with a role that may do nothing else, where the schema was made for it', async () => {
      await runStatements(server.url, `CREATE SCHEMA ${schema} AUTHORIZATION writer`);
      const session = await (await open({ url: urlOf('writer') })).open('task', 'owner');
      await session.write(new WriteBatch().put('key', 1));
    });

    test('with no role that lacks a right, and says which', async () => {
      const making = await refusalOf({ url: urlOf('writer') });
      expect(making).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('GRANT CREATE ON DATABASE'),
      });
      expect(making.message).toContain(`CREATE SCHEMA ${schema} AUTHORIZATION`);
      await open();
      const using = await refusalOf({ url: urlOf('writer') });
      expect(using).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('GRANT USAGE ON SCHEMA'),
      });
      await runStatements(
        server.url,
        `GRANT USAGE ON SCHEMA ${schema} TO writer`,
        `GRANT SELECT ON ${schema}.migration TO writer`,
      );
      const store = await open({ url: urlOf('writer') });
      await expect(store.open('task', 'owner')).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('GRANT SELECT, INSERT, UPDATE, DELETE'),
      });
    });

    test('on the first of several hosts that answers and takes writes', async () => {
      await runStatements(
        server.url,
        'CREATE ROLE reader LOGIN',
        'ALTER ROLE reader SET default_transaction_read_only = on',
      );
      const login = `postgres://postgres@127.0.0.1:${closedPort},127.0.0.1:${server.port}/postgres`;
      const store = await open({ url: `${login}?target_session_attrs=read-write` });
      await store.open('task', 'owner');
      const readOnly = await refusalOf({ url: urlOf('reader') });
      expect(readOnly).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('it takes no writes'),
      });
    });

    test('nowhere, saying where it looked and why, and never the password', async () => {
      const hosts = `127.0.0.1:${closedPort},127.0.0.1:${server.port}`;
      const error = await refusalOf({ url: `postgres://nobody:hunter2@${hosts}/nowhere` });
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', applied: 'no' });
      expect(error.message).toContain(`127.0.0.1:${closedPort}: connect ECONNREFUSED`);
      expect(error.message).toContain('role "nobody" does not exist');
      expect(JSON.stringify([error.message, error.stack, error.cause, String(error.cause)])).not.toContain('hunter2');
    });

    test('no database whose text is not UTF-8', async () => {
      await runStatements(server.url, `CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
      const error = await refusalOf({ url: server.url.replace(/postgres$/, 'latin') });
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('LATIN1') });
    });

    test('with the options of pg alone, such as a function for the password', async () => {
      const password = vi.fn(() => 'letmein');
      await runStatements(server.url, `CREATE SCHEMA ${schema} AUTHORIZATION writer`);
      const client = { host: '127.0.0.1', port: server.port, user: 'writer', database: 'postgres', password };
      const store = await PostgresStore.open({ client, schema });
      stores.push(store);
      await store.open('task', 'owner');
    });

    test('with nothing that makes no sense', async () => {
      await expect(open({ schema: 'Robert"; DROP' })).rejects.toThrow(TypeError);
      await expect(open({ maxConnections: 1 })).rejects.toThrow(TypeError);
      await expect(open({ replyTimeoutMs: 100, lockTimeoutMs: 100 })).rejects.toThrow(TypeError);
      await expect(open({ url: 'mysql://root:hunter2@here/there' })).rejects.toThrow(
        /^(?!.*hunter2).*no connection URL/,
      );
      await expect(open({ url: `${server.url}?target_session_attrs=standby` })).rejects.toThrow(/writes/);
    });
  });

  test('says what an acknowledged write survives, and warns of what it does not', async () => {
    const warnings: string[] = [];
    const store = await open({ warn: (message) => warnings.push(message) });
    expect(store.supports).toEqual({ durability: 'process-crash', shared: true, hostTransaction: 'pg' });
    expect(warnings).toEqual([expect.stringContaining('fsync')]);
  });

  test('turns synchronous_commit on where it is off, and leaves it as it is elsewhere', async () => {
    for (const [given, expected] of [
      ['off', 'on'],
      ['local', 'local'],
      ['remote_apply', 'remote_apply'],
    ]) {
      const [host] = hostsOf(`${server.url}?options=-c%20synchronous_commit%3D${given}`);
      const patience = { connectTimeoutMs: 5_000, lockTimeoutMs: 5_000, replyTimeoutMs: 5_000 };
      const { connection } = await connectToPrimary(host === undefined ? [] : [host], 'a server', patience);
      expect(await connection.call('SHOW synchronous_commit')).toEqual([[expected]]);
      await connection.close();
    }
  });

  test('throws away a connection that breaks, and the process goes on', async () => {
    const store = await open({ url: `${server.url}?application_name=${schema}` });
    await runStatements(
      server.url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${schema}'`,
    );
    await until(async () => (await store.tasks().catch(() => ['broken'])).length === 0);
  });
});
