import { type Store, WriteBatch } from '@aftercommit/persistence';
import { afterEach, describe, expect, test } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { runStatements, until } from '../test/run-statements.js';
import { PostgresStore } from './postgres-store.js';

const servers: PostgresServer[] = [];
let store: Store | undefined;

afterEach(async () => {
  await store?.close();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function run(server: PostgresServer, ...statements: string[]): Promise<Array<Record<string, unknown>>> {
  return runStatements(server.url, ...statements);
}

/** A primary and its standby, which has all there is, and the URL of both of them. */
async function startPair(): Promise<{ primary: PostgresServer; standby: PostgresServer; url: string }> {
  const primary = await startPostgres();
  const standby = await primary.startStandby('standby');
  servers.push(primary, standby);
  await until(async () => (await run(primary, 'SELECT 1 FROM pg_stat_replication')).length === 1);
  return { primary, standby, url: `postgres://postgres@127.0.0.1:${standby.port},127.0.0.1:${primary.port}/postgres` };
}

/** Until the standby shows all that the primary has. */
async function catchUp({ primary, standby }: { primary: PostgresServer; standby: PostgresServer }): Promise<void> {
  const [position] = await run(primary, 'SELECT pg_current_wal_lsn() AS lsn');
  const hasReplayed = `SELECT 1 WHERE pg_last_wal_replay_lsn() >= '${String(position?.['lsn'])}'`;
  await until(async () => (await run(standby, hasReplayed)).length > 0);
}

async function waitForStandbys(primary: PostgresServer, names: string): Promise<void> {
  await run(primary, `ALTER SYSTEM SET synchronous_standby_names = '${names}'`, 'SELECT pg_reload_conf()');
  await until(async () => {
    const [row] = await run(primary, 'SHOW synchronous_standby_names');
    return row?.['synchronous_standby_names'] === names;
  });
}

/** Writes until the server is gone; returns the last count that was acknowledged. */
async function writeUntilItEnds(url: string): Promise<number> {
  const session = await (store as Store).open('task', 'owner');
  let acknowledged = 0;
  try {
    for (;;) {
      await session.write(new WriteBatch().put('count', acknowledged + 1));
      acknowledged += 1;
    }
  } catch (error) {
    expect(error, url).toMatchObject({ code: expect.stringMatching(/STORE_(OUTCOME_UNKNOWN|UNAVAILABLE)/) });
  }
  return acknowledged;
}

describe.skipIf(missingPostgres !== undefined)('a store in PostgreSQL with a standby', () => {
  test('loses nothing that was acknowledged when the primary is killed and a synchronous standby takes over', async () => {
    const { primary, standby, url } = await startPair();
    await waitForStandbys(primary, 'standby');
    store = await PostgresStore.open(url);
    expect(store.supports.durability).toBe('replicated');
    const writing = writeUntilItEnds(url);
    await catchUp({ primary, standby });
    await until(
      async () => (await run(standby, 'SELECT 1 FROM aftercommit.entry WHERE value::integer > 5')).length > 0,
    );
    await primary.kill();
    const acknowledged = await writing;
    await run(standby, 'SELECT pg_promote()');
    const [[, count] = []] = await store.read('task');
    expect([acknowledged, acknowledged + 1]).toContain(count);
    const next = await store.open('task', 'next');
    await next.write(new WriteBatch().put('count', 0));
  });

  test('loses what an asynchronous standby had not received yet: the check above sees it', async () => {
    const { primary, standby, url } = await startPair();
    const warnings: string[] = [];
    store = await PostgresStore.open({ url, warn: (message) => warnings.push(message) });
    expect(store.supports.durability).toBe('power-loss');
    expect(warnings.join()).toContain('synchronous_standby_names');
    const session = await store.open('task', 'owner');
    await session.write(new WriteBatch().put('count', 1));
    await catchUp({ primary, standby });
    await run(standby, `ALTER SYSTEM SET primary_conninfo = ''`, 'SELECT pg_reload_conf()');
    await until(async () => (await run(primary, 'SELECT 1 FROM pg_stat_replication')).length === 0);
    await session.write(new WriteBatch().put('count', 2));
    await primary.kill();
    await run(standby, 'SELECT pg_promote()');
    expect(await store.read('task')).toEqual([['count', 1]]);
  });

  test('does not take a cancelled wait for a standby for a success', async () => {
    const primary = await startPostgres();
    servers.push(primary);
    store = await PostgresStore.open({ url: primary.url });
    const session = await store.open('task', 'owner');
    await waitForStandbys(primary, 'nobody');
    const write = expect(session.write(new WriteBatch().put('key', 1))).rejects.toMatchObject({
      code: 'STORE_OUTCOME_UNKNOWN',
    });
    const waiting = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
    await until(async () => (await run(primary, waiting)).length > 0);
    await write;
    expect(session.lost.aborted).toBe(true);
    await waitForStandbys(primary, '');
    const next = await store.open('task', 'next');
    expect(await next.get('key')).toBe(1);
  });
});
