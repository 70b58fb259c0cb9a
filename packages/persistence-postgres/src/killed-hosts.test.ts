import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Store, WriteBatch } from '@aftercommit/persistence';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleProgram } from '../../../tests/bundle-program.js';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { runStatements, until } from '../test/run-statements.js';
import { PostgresStore } from './postgres-store.js';

describe.skipIf(missingPostgres !== undefined)('a host in a process of its own', () => {
  let server: PostgresServer;
  let store: Store;
  let program: string;

  beforeAll(async () => {
    server = await startPostgres();
    store = await PostgresStore.open(server.url);
    program = await bundleProgram('packages/persistence-postgres/test/writing-host.ts', 'writing-host');
    await runStatements(server.url, 'CREATE TABLE orders (id integer)');
  });

  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  const start = (task: string, mode: 'write' | 'stand-still'): ChildProcess =>
    spawn(process.execPath, [program, server.url, task, mode], { stdio: ['ignore', 'pipe', 'inherit'] });

  test('that is killed keeps every write that was acknowledged, and no half of one', async () => {
    for (const enough of [1, 40]) {
      const host = start('killed', 'write');
      const ended = once(host, 'exit');
      let acknowledged = 0;
      for await (const line of linesOf(host)) {
        acknowledged = Number(line);
        if (acknowledged >= enough) host.kill('SIGKILL');
      }
      expect(await ended).toEqual([null, 'SIGKILL']);
      // Who opens the task waits for what is under way.
      const found = await (await store.open('killed', 'next')).list('');
      const [[, left] = [], [, right] = []] = found;
      expect(left).toBe(right);
      expect([acknowledged, acknowledged + 1]).toContain(left);
    }
  });

  test('that is killed in the middle of its transaction leaves nothing of it, and keeps nobody waiting', async () => {
    const host = start('in the middle', 'stand-still');
    await firstLineOf(host);
    host.kill('SIGKILL');
    const session = await store.open('in the middle', 'next');
    expect(await session.list('')).toEqual([]);
    expect(await runStatements(server.url, 'SELECT * FROM orders')).toEqual([]);
  });

  test('that stands still in the middle of its transaction loses it, and is fenced when it goes on', async () => {
    const host = start('frozen', 'stand-still');
    const lines = linesOf(host)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('in the transaction');
    host.kill('SIGSTOP');
    const session = await store.open('frozen', 'next');
    await session.write(new WriteBatch().put('key', 'next'));
    host.kill('SIGCONT');
    host.kill('SIGUSR1');
    // Its transaction, and then the session that it still believes to have.
    expect((await lines.next()).value).toMatch(/^commit: (STORE_OUTCOME_UNKNOWN|25P03)$/);
    expect((await lines.next()).value).toBe('write: STORE_FENCED');
    expect(await session.list('')).toEqual([['key', 'next']]);
    expect(await runStatements(server.url, 'SELECT * FROM orders')).toEqual([]);
    await until(() => host.exitCode !== null);
  });
});

function linesOf(host: ChildProcess): AsyncIterable<string> {
  if (host.stdout === null) throw new Error('the host has no output');
  return createInterface(host.stdout);
}

async function firstLineOf(host: ChildProcess): Promise<void> {
  for await (const _line of linesOf(host)) return;
}
