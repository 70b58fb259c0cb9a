import { type StoreError, WriteBatch } from '@aftercommit/persistence';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PostgresProxy, startPostgresProxy } from '../../../tests/servers/postgres-proxy.js';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { runStatements, until } from '../test/run-statements.js';
import { PostgresStore } from './postgres-store.js';
import { transact } from './transact.js';
import { writeWithin } from './write-within.js';

describe.skipIf(missingPostgres !== undefined)('a store in PostgreSQL whose connections are lost', () => {
  let server: PostgresServer;
  let proxy: PostgresProxy;
  let store: PostgresStore;
  let url: string;
  /** Of each test its own, and what its connections are called. */
  let schema: string;
  let schemas = 0;

  beforeAll(async () => {
    server = await startPostgres();
    proxy = await startPostgresProxy(server.port);
  });

  afterAll(async () => {
    await proxy?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    schemas += 1;
    schema = `schema_${schemas}`;
    url = server.url;
    store = await PostgresStore.open({
      url: `postgres://postgres@127.0.0.1:${proxy.port}/postgres?application_name=${schema}`,
      schema,
      replyTimeoutMs: 400,
      lockTimeoutMs: 300,
      connectTimeoutMs: 400,
    });
  });

  afterEach(async () => {
    proxy.heal();
    await store.close();
  });

  const connections = (): string => `FROM pg_stat_activity WHERE application_name = '${schema}'`;

  test('goes on when the server has ended connections that nobody used', async () => {
    const session = await store.open('task', 'owner');
    const ended = await runStatements(url, `SELECT pg_terminate_backend(pid) ${connections()}`);
    expect(ended.length).toBeGreaterThan(0);
    await until(async () => (await runStatements(url, `SELECT 1 ${connections()}`)).length === 0);
    await session.write(new WriteBatch().put('key', 1));
    expect(await session.get('key')).toBe(1);
  });

  test('does not know what became of a write whose connection the server has ended', async () => {
    const session = await store.open('task', 'owner');
    const host = new Client({ connectionString: url });
    await host.connect();
    await host.query(`BEGIN; SELECT * FROM ${schema}.task FOR UPDATE`);
    const write = session.write(new WriteBatch().put('key', 1));
    const refused = expect(write).rejects.toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN', applied: 'unknown' });
    const terminate = `SELECT pg_terminate_backend(pid) ${connections()} AND wait_event_type = 'Lock'`;
    await until(async () => (await runStatements(url, terminate)).length > 0);
    await refused;
    await host.end();
    expect(session.lost.aborted).toBe(true);
    expect(await (await store.open('task', 'next')).list('')).toEqual([]);
  });

  test('gives a write up that has no reply, and opens the task again when the network is back', async () => {
    const session = await store.open('task', 'owner');
    await session.write(new WriteBatch().put('key', 1));
    proxy.part();
    const write = session.write(new WriteBatch().put('key', 2));
    const behind = session.write(new WriteBatch().put('key', 3)).catch((error: StoreError) => error);
    await expect(write).rejects.toMatchObject({
      code: 'STORE_OUTCOME_UNKNOWN',
      message: expect.stringContaining('no reply within 400 ms'),
    });
    expect(await behind).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('not sent') });
    await expect(store.read('task')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    proxy.heal();
    const next = await store.open('task', 'next');
    expect(await next.get('key')).toBe(1);
    await next.write(new WriteBatch().put('key', 4));
  });

  test('applies nothing late: a write that was given up meets the fence of who opened the task after it', async () => {
    const session = await store.open('task', 'owner');
    await session.write(new WriteBatch().put('key', 'before'));
    server.freeze();
    try {
      await expect(session.write(new WriteBatch().put('key', 'late'))).rejects.toMatchObject({
        code: 'STORE_OUTCOME_UNKNOWN',
      });
    } finally {
      server.thaw();
    }
    const next = await store.open('task', 'next');
    const found = await next.get('key');
    await next.write(new WriteBatch().put('seen', found ?? null));
    // Whatever was on its way is through when a later connection has been served.
    await runStatements(url, 'SELECT 1');
    expect(await next.get('key')).toBe(found);
  });

  test('lets somebody else open a task whose host stands still in the middle of its transaction', async () => {
    const zombie = await store.open('task', 'zombie');
    const host = new Client({ connectionString: url });
    const broken: Error[] = [];
    host.on('error', (error) => broken.push(error));
    await host.connect();
    await host.query(`CREATE TABLE orders (id integer); SET idle_in_transaction_session_timeout = '200ms'`);
    let others: unknown[] = [];
    const commit = transact(host, async () => {
      await host.query('INSERT INTO orders VALUES (1)');
      await writeWithin(host, new WriteBatch(zombie.fence).put('key', 'zombie'), { schema });
      // It stands still here: nothing else of this transaction is sent until the task is somebody else's.
      others = await Promise.allSettled([store.open('task', 'next'), neighbourWrites()]);
    });
    await expect(commit).rejects.toThrow();
    expect(others).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
    expect(broken.length).toBeGreaterThan(0);
    expect(await store.read('task')).toEqual([]);
    expect(await runStatements(url, 'SELECT * FROM orders')).toEqual([]);
    await expect(zombie.write(new WriteBatch())).rejects.toMatchObject({ code: 'STORE_FENCED' });
    await host.end();
  });

  async function neighbourWrites(): Promise<void> {
    const neighbour = await store.open('neighbour', 'owner');
    await neighbour.write(new WriteBatch().put('key', 1));
  }

  test('keeps every acknowledged write when every process of the server is killed', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, (_, index) => store.open(`task ${index}`, 'owner')));
    const acknowledged = new Map<string, number>();
    const writing = sessions.map(async (session) => {
      for (let count = 1; ; count += 1) {
        await session.write(new WriteBatch().put('left', count).put('right', count));
        acknowledged.set(session.fence.task, count);
      }
    });
    const ended = Promise.allSettled(writing);
    await until(() => acknowledged.size === sessions.length);
    await server.kill();
    await ended;
    await server.start();
    for (const [task, count] of acknowledged) {
      const [[, left] = [], [, right] = []] = await store.read(task);
      expect(left).toBe(right);
      expect([count, count + 1]).toContain(left);
    }
  });

  test('is unavailable while the server is away, and says where it looked without a password', async () => {
    const session = await store.open('task', 'owner');
    await server.kill();
    const failure = await session.write(new WriteBatch().put('key', 1)).catch((error: StoreError) => error);
    expect(failure).toMatchObject({ code: expect.stringMatching(/STORE_(UNAVAILABLE|OUTCOME_UNKNOWN)/) });
    await expect(store.open('task', 'next')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', applied: 'no' });
    await server.start();
    const next = await store.open('task', 'next');
    await next.write(new WriteBatch().put('key', 2));
  });

  test('does not know what became of a commit of the host whose reply is lost', async () => {
    const session = await store.open('task', 'owner');
    const host = new Client({ connectionString: url.replace(String(server.port), String(proxy.port)) });
    host.on('error', () => undefined);
    await host.connect();
    const commit = transact(host, async () => {
      await writeWithin(host, new WriteBatch(session.fence).put('key', 1), { schema });
      proxy.cutAt({ request: 1, lost: 'reply' });
    });
    await expect(commit).rejects.toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN' });
    expect(await (await store.open('task', 'next')).get('key')).toBe(1);
  });

  test('says of a transaction that its host cannot begin that nothing was changed, and calls no work', async () => {
    const host = new Client({ connectionString: url.replace(String(server.port), String(proxy.port)) });
    host.on('error', () => undefined);
    await host.connect();
    proxy.cutAt({ request: 1, lost: 'request' });
    let isCalled = false;
    const commit = transact(host, async () => {
      isCalled = true;
    });
    await expect(commit).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/^Cannot begin a transaction: .+\. Nothing was changed/),
      cause: expect.any(Error),
    });
    expect(isCalled).toBe(false);
    await host.end();
  });
});
