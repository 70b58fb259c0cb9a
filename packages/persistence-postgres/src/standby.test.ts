import { type Store, WriteBatch } from '@aftercommit/persistence';
import { afterEach, describe, expect, test } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { cancelWaitForStandby, runStatements, until } from '../test/run-statements.js';
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

/** A primary and its standby, which follows, and the URL of both of them. */
async function startPair(
  settings: Record<string, string> = {},
): Promise<{ primary: PostgresServer; standby: PostgresServer; url: string }> {
  const primary = await startPostgres(settings);
  servers.push(primary);
  const standby = await primary.startStandby('standby');
  servers.push(standby);
  await until(async () => (await run(primary, 'SELECT 1 FROM pg_stat_replication')).length === 1);
  return { primary, standby, url: `postgres://postgres@127.0.0.1:${standby.port},127.0.0.1:${primary.port}/postgres` };
}

/** Until the standby shows all that the primary has. */
async function catchUp({ primary, standby }: { primary: PostgresServer; standby: PostgresServer }): Promise<void> {
  const [position] = await run(primary, 'SELECT pg_current_wal_lsn() AS lsn');
  const hasReplayed = `SELECT 1 WHERE pg_last_wal_replay_lsn() >= '${String(position?.['lsn'])}'`;
  await until(async () => (await run(standby, hasReplayed)).length > 0);
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

// Three servers and two copies of them: on a machine that is busy that takes a while.
describe.skipIf(missingPostgres !== undefined)('a store in PostgreSQL with a standby', { timeout: 90_000 }, () => {
  test('loses nothing that was acknowledged when the primary is killed and a synchronous standby takes over', async () => {
    const { primary, standby, url } = await startPair({ synchronous_standby_names: 'standby' });
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
    await run(primary, `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`, 'SELECT pg_reload_conf()');
    let written = 0;
    const error = await cancelWaitForStandby(primary.url, (time) => {
      written = time;
      return session.write(new WriteBatch().put('key', time));
    });
    expect(error).toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN', applied: 'unknown' });
    expect(session.lost.aborted).toBe(true);
    await run(primary, 'ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()');
    const next = await store.open('task', 'next');
    expect(await next.get('key')).toBe(written);
  });
});
