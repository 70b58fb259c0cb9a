import type { Attempt } from '@aftercommit/registry';
import { sampleAttempt } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { connectTo, run, setSetting, triggersBackend } from '../test/database.js';
import { attemptWith, open } from '../test/triggers.js';
import type { PostgresConfig } from './postgres-config.js';

const ddl =
  'CREATE TABLE deliveries (idempotency_key text PRIMARY KEY, payload json NOT NULL, created_at timestamptz NOT NULL DEFAULT now())';
const plainTls = { mode: 'disable' } as const;
const delivered = { outcome: 'delivered' };
const rejected = (reason: RegExp) => ({ outcome: 'rejected', reason: expect.stringMatching(reason) });
const retry = (reason: RegExp) => ({ outcome: 'retry', reason: expect.stringMatching(reason) });

describe.skipIf(missingPostgres !== undefined)('a delivery to PostgreSQL', () => {
  let server: PostgresServer;
  const sql = (text: string) => run(server.url, text);
  const config = (given: Partial<PostgresConfig> = {}): PostgresConfig => ({
    ...{ host: '127.0.0.1', port: server.port, database: 'postgres', user: 'postgres', tls: plainTls },
    ...(given.channel === undefined && { table: 'deliveries' }),
    ...given,
  });

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(() => sql(`DROP TABLE IF EXISTS deliveries; ${ddl}`));

  const rows = () => sql('SELECT idempotency_key AS key, payload::text FROM deliveries ORDER BY created_at');

  test('is one row, however often it is attempted, and the first attempt counts', async () => {
    const trigger = await open(config());
    for (const payload of ['{"attempt" : 1}', '{"attempt" : 2}']) {
      expect(await trigger.attempt(sampleAttempt({ payload }))).toEqual(delivered);
    }
    expect(await rows()).toEqual([{ key: sampleAttempt().idempotencyKey, payload: '{"attempt" : 1}' }]);
  });

  test('fills every column that is configured, whatever it is called', async () => {
    await sql(`
      DROP SCHEMA IF EXISTS "Data" CASCADE; CREATE SCHEMA "Data";
      CREATE TABLE "Data"."it's ""1""" (
        "Key" text UNIQUE, body jsonb, "Of" text, run timestamptz, "Epoch" bigint, vars jsonb, seen timestamptz DEFAULT now()
      )
    `);
    const columns = {
      ...{
        idempotencyKey: 'Key',
        payload: 'body',
        materialization: 'Of',
        runId: 'run',
        epoch: 'Epoch',
        variables: 'vars',
      },
    };
    const given = { epoch: 1_800_000_000_000_000_000n, payload: '{"b":1, "a":2}' };
    expect(await attemptWith(config({ table: `Data.it's "1"`, columns }), given)).toEqual(delivered);
    expect(await sql(`SELECT "Key", body, "Of", run, "Epoch", vars FROM "Data"."it's ""1"""`)).toEqual([
      {
        ...{ Key: sampleAttempt().idempotencyKey, body: { a: 2, b: 1 }, Of: 'acme/orders' },
        ...{ run: new Date('2024-06-15T12:30:00Z'), Epoch: '1800000000000000000', vars: sampleAttempt().variables },
      },
    ]);
  });

  test('notifies whoever listens of exactly the payload', async () => {
    const listener = await connectTo(server.url);
    const heard: string[] = [];
    listener.on('notification', ({ payload = '' }) => void heard.push(payload));
    await listener.query('LISTEN "It\'s done"');
    const longest = `${JSON.stringify('é'.repeat(3998))} `;
    const trigger = await open(config({ channel: "It's done" }));
    for (const payload of [' {"name" : "Zoë 🐙 \\u0000"}\n', longest]) {
      expect(await trigger.attempt(sampleAttempt({ payload }))).toEqual(delivered);
      await listener.query('SELECT 1');
      expect(heard.at(-1)).toBe(payload);
    }
    expect(await trigger.attempt(sampleAttempt({ payload: `${longest} ` }))).toEqual(
      rejected(/^the payload has 8000 bytes, and a notification takes less than 8000/),
    );
  });
  test.each<[string, string, Partial<Attempt>, RegExp]>([
    ['there is no table', 'DROP TABLE deliveries', {}, /"deliveries" does not exist \(42P01\). Create the table/],
    [
      'a column is missing',
      'ALTER TABLE deliveries DROP COLUMN payload',
      {},
      /\(42703\). Check the table and columns$/,
    ],
    [
      'the key is not unique',
      'ALTER TABLE deliveries DROP CONSTRAINT deliveries_pkey',
      {},
      /\(42P10\). .*CREATE UNIQUE INDEX ON deliveries \("idempotency_key"\)$/,
    ],
    [
      'another column is unique',
      'ALTER TABLE deliveries ADD x int UNIQUE DEFAULT 1',
      {},
      /x_key" \(23505\). Another column/,
    ],
    [
      'a column has to be filled',
      'DELETE FROM deliveries; ALTER TABLE deliveries ADD x int NOT NULL',
      {},
      /column "x".* \(23502\). A constraint/,
    ],
    [
      'a check forbids it',
      "ALTER TABLE deliveries ADD CHECK (payload->>'run' = '')",
      {},
      /\(23514\). A constraint of the table/,
    ],
    [
      'a column has another type',
      'ALTER TABLE deliveries ALTER payload TYPE int USING 0',
      {},
      /type integer \(22P02\). The type/,
    ],
    [
      'jsonb cannot hold the payload',
      'ALTER TABLE deliveries ALTER payload TYPE jsonb',
      { payload: '{"nul":"\\u0000"}' },
      /\(22P05\). Make the payload column json or text/,
    ],
    [
      'a trigger refuses it',
      `CREATE OR REPLACE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'closed'; END $$;
       CREATE TRIGGER no BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION no()`,
      {},
      /closed \(P0001\). A trigger of the table refused the row$/,
    ],
    [
      'what is checked at the end forbids it',
      'DELETE FROM deliveries; ALTER TABLE deliveries ADD y int DEFAULT 1 REFERENCES refs DEFERRABLE INITIALLY DEFERRED',
      {},
      /foreign key .* \(23503\). A constraint/,
    ],
  ])('is rejected where %s, without showing the payload', async (_title, change, given, reason) => {
    await sql('CREATE TABLE IF NOT EXISTS refs (id int PRIMARY KEY)');
    await sql('INSERT INTO deliveries VALUES (\'before\', \'{"run":""}\')');
    await sql(change);
    const payload = '{"run":"pay1oad"}';
    const outcome = await attemptWith(config(), { payload, ...given });
    expect(outcome).toEqual(rejected(reason));
    expect(JSON.stringify(outcome)).not.toContain('pay1oad');
  });

  test('is rejected for a role that may not insert', async () => {
    await sql('DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN');
    expect(await attemptWith(config({ user: 'guest' }))).toEqual(
      rejected(/\(42501\). Let guest insert into the table/),
    );
    await sql('GRANT INSERT, SELECT (idempotency_key) ON deliveries TO guest');
    expect(await attemptWith(config({ user: 'guest' }))).toEqual(delivered);
    await sql('DROP OWNED BY guest; DROP ROLE guest');
  });

  test('waits for no lock beyond its time, and leaves none behind', async () => {
    const other = await connectTo(server.url);
    await other.query('BEGIN; LOCK TABLE deliveries');
    const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };
    const trigger = await open(config(), { clock });
    expect(await trigger.attempt(sampleAttempt({ deadlineAt: 50 }))).toEqual(retry(/lock timeout \(55P03\)$/));
    await other.query('ROLLBACK');
    expect(await trigger.attempt(sampleAttempt())).toEqual(delivered);
    expect(await sql("SELECT pid FROM pg_locks WHERE relation = 'deliveries'::regclass")).toEqual([]);
  });

  test('waits for another attempt of it that is under way', async () => {
    const other = await connectTo(server.url);
    await other.query(`BEGIN; INSERT INTO deliveries VALUES ('${sampleAttempt().idempotencyKey}', '{}')`);
    const attempting = attemptWith(config());
    await triggersBackend(server.url, "wait_event_type = 'Lock'");
    await other.query('COMMIT');
    expect(await attempting).toEqual(delivered);
    expect(await rows()).toHaveLength(1);
  });

  test('is made again where the database takes no writes at the moment', async () => {
    await sql('ALTER DATABASE postgres SET default_transaction_read_only = on');
    try {
      expect(await attemptWith(config())).toEqual(retry(/read-only transaction \(25006\)$/));
    } finally {
      await sql('BEGIN READ WRITE; ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT');
    }
  });

  test('is made again when the server stopped waiting for its standby', async () => {
    await setSetting(server.url, 'synchronous_standby_names', 'nobody');
    // Whatever comes of it, no other test waits for that standby.
    onTestFinished(() => setSetting(server.url, 'synchronous_standby_names', ''));
    const trigger = await open(config());
    // The second time, the row is there already.
    for (const number of [1, 2]) {
      const attempting = trigger.attempt(sampleAttempt({ number }));
      const backend = await triggersBackend(server.url, "wait_event = 'SyncRep'");
      await sql(`SELECT pg_cancel_backend(${backend})`);
      expect(await attempting).toEqual(retry(/did not wait until its standby had it$/));
    }
  });

  test('is made in spite of what a trigger of the table warns of', async () => {
    await sql(`
      CREATE OR REPLACE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'late'; RETURN NEW; END $$;
      CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON deliveries DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION warn()
    `);
    expect(await attemptWith(config())).toEqual(delivered);
  });

  test('is durable also where the default is that it need not be', async () => {
    await sql('ALTER DATABASE postgres SET synchronous_commit = off');
    await sql(`
      ALTER TABLE deliveries ADD synchronous text DEFAULT current_setting('synchronous_commit')
    `);
    expect(await attemptWith(config())).toEqual(delivered);
    expect(await sql('SELECT synchronous FROM deliveries')).toEqual([{ synchronous: 'on' }]);
    await sql('ALTER DATABASE postgres RESET synchronous_commit');
  });

  describe('whose connection', () => {
    test('is kept, and made again after the server ended it', async () => {
      const trigger = await open(config());
      await trigger.attempt(sampleAttempt({ idempotencyKey: 'a' }));
      const first = await triggersBackend(server.url, 'true');
      await trigger.attempt(sampleAttempt({ idempotencyKey: 'b' }));
      expect(await triggersBackend(server.url, 'true')).toBe(first);
      await sql(`SELECT pg_terminate_backend(${first}, 5000)`);
      expect(await trigger.attempt(sampleAttempt({ idempotencyKey: 'c' }))).toEqual(delivered);
      expect(await rows()).toHaveLength(3);
    });

    test('is ended in the middle of an attempt costs another one', async () => {
      const other = await connectTo(server.url);
      await other.query('BEGIN; LOCK TABLE deliveries');
      const trigger = await open(config());
      const attempting = trigger.attempt(sampleAttempt());
      const backend = await triggersBackend(server.url, "wait_event_type = 'Lock'");
      await sql(`SELECT pg_terminate_backend(${backend})`);
      expect(await attempting).toEqual(retry(/administrator command \(57P01\)$/));
      await other.query('ROLLBACK');
      expect(await trigger.attempt(sampleAttempt())).toEqual(delivered);
    });

    test('stands still is given up at the end of the attempt, and does not hold up the next', async () => {
      const trigger = await open(config());
      await trigger.attempt(sampleAttempt({ idempotencyKey: 'before' }));
      const backend = await triggersBackend(server.url, 'true');
      process.kill(backend, 'SIGSTOP');
      const controller = new AbortController();
      const attempting = trigger.attempt(sampleAttempt({ signal: controller.signal, deadlineAt: 0 }));
      controller.abort();
      expect(await attempting).toEqual({
        outcome: 'retry',
        reason: `no answer from postgres://127.0.0.1:${server.port} within the timeout`,
      });
      expect(await trigger.attempt(sampleAttempt({ number: 2 }))).toEqual(delivered);
      process.kill(backend, 'SIGCONT');
      expect(await rows()).toHaveLength(2);
    });

    test('is lost in the middle with its server costs another attempt, and makes one row', async () => {
      const trigger = await open(config());
      const blocking = await connectTo(server.url);
      await blocking.query('BEGIN; LOCK TABLE deliveries');
      const attempting = trigger.attempt(sampleAttempt());
      await triggersBackend(server.url, "wait_event_type = 'Lock'");
      await server.kill();
      expect((await attempting).outcome).toBe('retry');
      expect(await trigger.attempt(sampleAttempt())).toEqual({
        outcome: 'retry',
        reason: `connection refused by postgres://127.0.0.1:${server.port}`,
      });
      await server.start();
      expect(await trigger.attempt(sampleAttempt())).toEqual(delivered);
      expect(await rows()).toHaveLength(1);
    });
  });
});
