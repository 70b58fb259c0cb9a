import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type PostgresProxy, startPostgresProxy } from '../../../tests/servers/postgres-proxy.js';
import { missingPostgres } from '../../../tests/servers/postgres-server.js';
import { selfSigned } from '../../../tests/servers/self-signed.js';
import { each, PostgresBench } from '../test/postgres-bench.js';

let bench: PostgresBench;
let proxy: PostgresProxy;

/** Of an address that is the proxy. */
const throughProxy = () => ({ config: { address: `127.0.0.1:${proxy.port}` } });

/** The processes of the server that work for connectors, and what they wait for. */
async function backends(): Promise<Array<{ pid: number; wait: string }>> {
  return await bench.query(
    `SELECT pid, concat(wait_event_type, ' ', wait_event) AS wait FROM pg_stat_activity WHERE application_name = 'aftercommit'`,
  );
}

describe.skipIf(missingPostgres !== undefined)('a PostgreSQL endpoint', () => {
  beforeAll(async () => {
    bench = await PostgresBench.start();
  });
  afterAll(() => bench.stop());
  beforeEach(async () => {
    await bench.begin();
    proxy = await startPostgresProxy(bench.server.port);
  });
  afterEach(async () => {
    await bench.end();
    await proxy.close();
  });

  test('whose server ends the connection fails with the next call, and says what the server said', async () => {
    const { connector } = await bench.open();
    await bench.query(`SELECT pg_terminate_backend(${(await backends())[0]?.pid})`);
    await expect(bench.commit(connector, { id: 1 })).rejects.toMatchObject({
      code: 'ENDPOINT_UNAVAILABLE',
      message: expect.stringMatching(/terminating connection|Connection terminated/),
    });
    await bench.write({ id: 1 });
  });

  test('whose server ends the connection within a commit has nothing of it', async () => {
    await bench.write({ id: 1, v: 1 });
    const { connector } = await bench.open();
    const other = new Client({ connectionString: bench.server.url });
    await other.connect();
    await other.query(`BEGIN; SELECT FROM ${bench.schema}.orders FOR UPDATE`);
    const committing = bench.commit(connector, { id: 1, v: 2 });
    committing.catch(() => undefined);
    await vi.waitUntil(async () => (await backends()).some(({ wait }) => wait.startsWith('Lock')));
    const [waiting] = (await backends()).filter(({ wait }) => wait.startsWith('Lock'));
    await bench.query(`SELECT pg_terminate_backend(${waiting?.pid})`);
    await other.end();
    await expect(committing).rejects.toMatchObject({ code: 'ENDPOINT_UNAVAILABLE' });
    expect(await bench.documents()).toEqual([{ id: 1, v: 1 }]);
    await bench.write({ id: 1, v: 2 });
  });

  test('lets nothing in of a session that stood still in its transaction while it was overtaken', async () => {
    await bench.write({ id: 1, v: 0 });
    // BEGIN, the fence, the tables: the fourth request writes rows, the fifth is the fence again.
    for (const request of [4, 5]) {
      const { connector } = await bench.open(throughProxy());
      const held = proxy.holdAt(request);
      const committing = bench.commit(connector, { id: 2, v: request });
      committing.catch(() => undefined);
      await held;
      const successor = await bench.open();
      await bench.commit(successor.connector, { id: 1, v: request });
      proxy.release();
      await expect(committing).rejects.toMatchObject({ code: 'ENDPOINT_FENCED' });
      expect(await bench.documents()).toEqual([{ id: 1, v: request }]);
    }
  });

  test('tells a session that was overtaken before it waits for anybody or writes', async () => {
    await bench.write({ id: 1, v: 'before' });
    const { connector } = await bench.open(throughProxy());
    await bench.open();
    const other = new Client({ connectionString: bench.server.url });
    await other.connect();
    await other.query(`BEGIN; SELECT FROM ${bench.schema}.orders FOR UPDATE`);
    proxy.cutAt(undefined);
    await expect(bench.commit(connector, { id: 1, v: 'late' })).rejects.toMatchObject({ code: 'ENDPOINT_FENCED' });
    // BEGIN, and the fence.
    expect(proxy.requests).toBe(2);
    await other.end();
  });

  test('makes its successor wait for a session that stands still in its COMMIT, and says what became of it', async () => {
    const { connector } = await bench.open(throughProxy());
    await bench.commit(connector, { id: 1 });
    const held = proxy.holdAt(6);
    const committing = bench.commit(connector, { id: 2 });
    await held;
    const opening = bench.open();
    await vi.waitUntil(async () => (await backends()).some(({ wait }) => wait.startsWith('Lock')));
    proxy.release();
    const { opened } = await opening;
    expect(opened.runtimeCheckpoint).toEqual(await committing);
    expect(await bench.documents()).toHaveLength(2);
  });

  test('that cannot be reached any more is closed at once, also while a commit is under way', async () => {
    const { connector } = await bench.open(throughProxy());
    const held = proxy.holdAt(5);
    const committing = bench.commit(connector, { id: 1 });
    committing.catch(() => undefined);
    await held;
    proxy.part();
    await connector.close();
    await expect(committing).rejects.toMatchObject({ code: 'ENDPOINT_UNAVAILABLE' });
    proxy.heal();
    await bench.write({ id: 1 });
  });

  test('whose wait for a standby was cancelled leaves the outcome unknown', async () => {
    const { connector } = await bench.open();
    await bench.query('SET synchronous_commit = local');
    await bench.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await bench.query('SELECT pg_reload_conf()');
    try {
      await vi.waitUntil(
        async () => (await bench.query('SHOW synchronous_standby_names'))[0]?.['synchronous_standby_names'],
      );
      const committing = bench.commit(connector, { id: 1 });
      committing.catch(() => undefined);
      await vi.waitUntil(async () => (await backends()).some(({ wait }) => wait === 'IPC SyncRep'));
      const [waiting] = (await backends()).filter(({ wait }) => wait === 'IPC SyncRep');
      await bench.query(`SELECT pg_cancel_backend(${waiting?.pid})`);
      await expect(committing).rejects.toMatchObject({ message: expect.stringContaining('the outcome is unknown') });
    } finally {
      await bench.query('ALTER SYSTEM RESET synchronous_standby_names');
      await bench.query('SELECT pg_reload_conf()');
      await vi.waitUntil(
        async () => (await bench.query('SHOW synchronous_standby_names'))[0]?.['synchronous_standby_names'] === '',
      );
    }
    expect((await bench.open()).opened.runtimeCheckpoint).toBeDefined();
    expect(await bench.documents()).toEqual([{ id: 1 }]);
  });

  test('is written durably by a role that is set up not to, and by nobody who stands still', async () => {
    await bench.query("ALTER ROLE postgres SET synchronous_commit = 'off'");
    try {
      const { connector } = await bench.open(throughProxy());
      await bench.query(
        `CREATE TABLE settings (durable text, idle text, lock text);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO ${bench.schema}.settings VALUES (current_setting('synchronous_commit'),
            current_setting('idle_in_transaction_session_timeout'), current_setting('lock_timeout'));
          RETURN NEW; END $$;
        CREATE TRIGGER note BEFORE INSERT ON orders EXECUTE FUNCTION note()`,
      );
      await bench.commit(connector, { id: 1 });
      // Whoever waits for a lock waits longer than the one who stands still may keep it.
      expect(await bench.query('SELECT * FROM settings')).toEqual([{ durable: 'on', idle: '20s', lock: '30s' }]);
    } finally {
      await bench.query('ALTER ROLE postgres RESET synchronous_commit');
    }
  });

  test('takes nothing from the environment', async () => {
    const given = {
      PGOPTIONS: '-c no_such_setting=1',
      PGPASSWORD: 'x',
      PGSSLMODE: 'require',
      PGSSLNEGOTIATION: 'direct',
    };
    for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
    try {
      await bench.write({ id: 1 });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('without TLS is refused where it was not said to be off, and the message has no password', async () => {
    const config = { password: 'the-password', tls: {} };
    const error = await bench.open({ config }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'ENDPOINT_UNAVAILABLE',
      message: expect.stringContaining('tls: { mode: off }'),
    });
    expect(JSON.stringify(error) + String(error)).not.toContain('the-password');
    await bench.open({ config: { tls: { mode: 'off' } } });
  });

  test('is written to only when its certificate can be verified', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aftercommit-certificate-'));
    chmodSync(folder, 0o777);
    // Read by a server that may run as somebody else. The key protects nothing.
    for (const [name, text] of Object.entries(selfSigned)) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      if (process.getuid?.() === 0) chownSync(join(folder, name), 65_534, 65_534);
    }
    await bench.query(`ALTER SYSTEM SET ssl_cert_file = '${join(folder, 'cert')}'`);
    await bench.query(`ALTER SYSTEM SET ssl_key_file = '${join(folder, 'key')}'`);
    await bench.query('ALTER SYSTEM SET ssl = on');
    await bench.query('SELECT pg_reload_conf()');
    await vi.waitUntil(async () => (await bench.query<{ ssl: string }>('SHOW ssl'))[0]?.ssl === 'on');
    await expect(bench.open({ config: { tls: {} } })).rejects.toMatchObject({
      code: 'ENDPOINT_UNAVAILABLE',
      message: expect.stringContaining('tls.ca'),
    });
    const { connector } = await bench.open({ config: { tls: { ca: selfSigned.cert } } });
    await bench.commit(connector, { id: 1 });
    expect(
      await bench.query(
        `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'aftercommit'`,
      ),
    ).toEqual([{ ssl: true }]);
    await bench.query('ALTER SYSTEM RESET ssl');
    await bench.query('SELECT pg_reload_conf()');
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['there is no server', { address: '127.0.0.1:1' }, 'ECONNREFUSED'],
    ['there is no database', { database: 'nowhere' }, '3D000'],
    ['there is no such user', { user: 'nobody' }, '28000'],
  ])('says that %s', async (_what, config, reason) => {
    await expect(bench.open({ config })).rejects.toMatchObject({
      code: 'ENDPOINT_UNAVAILABLE',
      message: expect.stringContaining(reason),
    });
  });

  test('fails with the documents that cannot be read, and with what is asked of it too early or too late', async () => {
    const connector = bench.connect();
    await expect(connector.acknowledge()).rejects.toMatchObject({ code: 'ENDPOINT_UNAVAILABLE' });
    await connector.close();
    await expect(connector.open({ epoch: 1n })).rejects.toMatchObject({ code: 'ENDPOINT_UNAVAILABLE' });
    await expect(connector.store(each([]))).rejects.toMatchObject({ code: 'ENDPOINT_UNAVAILABLE' });
  });
});
