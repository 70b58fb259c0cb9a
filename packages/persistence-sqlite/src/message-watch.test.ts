import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WriteBatch } from '@aftercommit/persistence';
import { ManualClock } from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteStore } from './sqlite-store.js';

let folder: string;
let path: string;
let clock: ManualClock;
let store: SqliteStore;
let other: SqliteStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-watch-'));
  path = join(folder, 'watched.db');
  clock = new ManualClock();
  store = SqliteStore.open({ path, sleep: (durationMs, signal) => clock.sleep(durationMs, signal) });
  other = SqliteStore.open(path);
});

afterEach(async () => {
  await store.close();
  await other.close();
  rmSync(folder, { recursive: true });
});

/** Opens tasks, and tells which of them are called, in order. */
async function listening(...tasks: string[]): Promise<{ calls: string[]; stops: Array<() => void> }> {
  const calls: string[] = [];
  const sessions = await Promise.all(tasks.map((task) => store.open(task, 'owner')));
  const stops = sessions.map(({ onMessage }, index) => onMessage?.(() => calls.push(tasks[index] ?? '')));
  return { calls, stops: stops.filter((stop) => stop !== undefined) };
}

/** Somebody who makes no use of the store, such as a host. */
function changeFile(): void {
  const database = new Database(path);
  database.exec('CREATE TABLE IF NOT EXISTS orders (id INTEGER); INSERT INTO orders VALUES (1)');
  database.close();
}

test('one timer looks once a second for all sessions, and none while nobody listens', async () => {
  await store.open('idle', 'owner');
  expect(clock.sleepers).toEqual([]);
  const { calls, stops } = await listening('a', 'b', 'c');
  expect(clock.sleepers).toEqual([{ durationMs: 1_000, wakesInMs: 1_000 }]);
  await clock.advance(10_000);
  expect(calls).toEqual([]);
  expect(clock.sleepers.length).toBe(1);
  for (const stop of stops) {
    expect(clock.sleepers.length).toBe(1);
    stop();
  }
  expect(clock.sleepers).toEqual([]);
  const again = await listening('a');
  await other.request('a', 1);
  await clock.advance(1_000);
  expect(again.calls).toEqual(['a']);
});

test('only the sessions that were left a message by another process are told, once for each', async () => {
  const { calls } = await listening('a', 'b', 'c');
  await other.request('b', 1);
  await clock.advance(999);
  expect(calls).toEqual([]);
  await clock.advance(1);
  expect(calls).toEqual(['b']);
  await clock.advance(5_000);
  changeFile();
  await clock.advance(5_000);
  expect(calls).toEqual(['b']);
  await other.request('c', 2);
  await other.request('a', 2);
  await clock.advance(1_000);
  expect(calls).toEqual(['b', 'a', 'c']);
});

test('a message through the same store is told at once', async () => {
  const { calls } = await listening('a', 'b');
  await store.request('b', 1);
  expect(calls).toEqual(['b']);
});

test('a listener that comes later takes no message from an earlier one', async () => {
  const session = await store.open('a', 'owner');
  const calls: string[] = [];
  session.onMessage?.(() => void calls.push('earlier'));
  await other.request('a', 1);
  session.onMessage?.(() => void calls.push('later'));
  await clock.advance(1_000);
  expect(calls).toContain('earlier');
});

test('what other processes write is no message', async () => {
  const { calls } = await listening('a');
  const session = await other.open('another', 'owner');
  await session.write(new WriteBatch().put('key', 1));
  changeFile();
  await clock.advance(1_000);
  expect(calls).toEqual([]);
});

test('a message that was left before anybody listened is not told', async () => {
  await other.request('a', 1);
  const { calls } = await listening('a');
  changeFile();
  await clock.advance(1_000);
  expect(calls).toEqual([]);
});

test('a session that another process overtook is told, and one whose task was lost', async () => {
  const { calls } = await listening('a', 'b', 'c');
  await other.open('b', 'another');
  await clock.advance(1_000);
  expect(calls).toEqual(['b']);
  const database = new Database(path);
  database.exec(`DELETE FROM aftercommit_task WHERE task = 'c'`);
  database.close();
  await clock.advance(1_000);
  expect(calls).toEqual(['b', 'c']);
});

test('a file that cannot be read any more is found out by the sessions themselves', async () => {
  const session = await store.open('a', 'owner');
  const found: unknown[] = [];
  session.onMessage?.(() => void session.list('mailbox/').catch((error: unknown) => found.push(error)));
  const database = new Database(path);
  database.exec('DROP TABLE aftercommit_task');
  database.close();
  await clock.advance(1_000);
  expect(found).toMatchObject([{ code: 'STORE_SCHEMA_UNKNOWN' }]);
});

test('a listener that ends another one while it is called leaves no timer behind', async () => {
  const sessions = await Promise.all(['a', 'b'].map((task) => store.open(task, 'owner')));
  const stops: Array<() => void> = [];
  const stopAll = (): void => {
    for (const stop of stops) stop();
  };
  for (const session of sessions) stops.push(session.onMessage?.(stopAll) ?? expect.fail());
  await other.request('a', 1);
  await other.request('b', 1);
  await clock.advance(1_000);
  expect(clock.sleepers).toEqual([]);
});

test('a store that is closed looks no more', async () => {
  const { calls, stops } = await listening('a');
  await store.close();
  expect(clock.sleepers).toEqual([]);
  await other.request('a', 1);
  await clock.advance(5_000);
  for (const stop of stops) stop();
  expect(calls).toEqual([]);
});
