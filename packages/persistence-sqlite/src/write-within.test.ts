import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TaskState, WriteBatch } from '@aftercommit/persistence';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteStore } from './sqlite-store.js';
import { writeWithin } from './write-within.js';

let folder: string;
let store: SqliteStore;
let session: TaskState;
let host: Database.Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-within-'));
  store = SqliteStore.open({ path: join(folder, 'host.db'), busyTimeoutMs: 1 });
  session = await store.open('task', 'owner');
  host = connect();
  host.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY)');
});

afterEach(async () => {
  host.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

/** As a host has one whose own dependency on better-sqlite3 is of another version: with classes of its own. */
function connectWithAnotherCopy(path: string): Database.Database {
  const require = createRequire(import.meta.url);
  const original = dirname(require.resolve('better-sqlite3/package.json'));
  const copy = join(folder, 'better-sqlite3');
  for (const part of ['package.json', 'lib', join('build', 'Release', 'better_sqlite3.node')]) {
    cpSync(join(original, part), join(copy, part), { recursive: true });
  }
  const AnotherDatabase: typeof Database = require(copy);
  expect(AnotherDatabase.SqliteError).not.toBe(Database.SqliteError);
  return new AnotherDatabase(path, { nativeBinding: join(copy, 'build', 'Release', 'better_sqlite3.node') });
}

describe('a batch within the host transaction', () => {
  test('is committed with the host rows, and the store reads it', async () => {
    commitOrder(1, batch().put('window', { docs: 1 }).requireAbsent('window'));
    expect(orders()).toEqual([1]);
    expect(await session.list('')).toEqual([['window', { docs: 1 }]]);
    await session.write(new WriteBatch().delete('window'));
    expect(await store.read('task')).toEqual([]);
  });

  test('is not seen before the commit, and leaves nothing when the host rolls back', async () => {
    host.exec('BEGIN IMMEDIATE; INSERT INTO orders VALUES (1)');
    writeWithin(host, batch().put('window', 1));
    expect(await session.get('window')).toBe(undefined);
    host.exec('ROLLBACK');
    expect(await session.list('')).toEqual([]);
    expect(orders()).toEqual([]);
  });

  test('of a zombie is refused, and the host rows are rolled back with it', async () => {
    const successor = await store.open('task', 'next');
    expect(() => commitOrder(1, batch().put('window', 1))).toThrow(expect.objectContaining({ code: 'STORE_FENCED' }));
    expect(() => commitOrder(1, batch())).toThrow(expect.objectContaining({ code: 'STORE_FENCED' }));
    expect(orders()).toEqual([]);
    expect(await successor.list('')).toEqual([]);
  });

  test('that requires an existing key to be absent is refused, and rolled back whole', async () => {
    await session.write(new WriteBatch().put('window', 'there'));
    const overwriting = batch().put('other', 1).put('window', 2).requireAbsent('window');
    expect(() => commitOrder(1, overwriting)).toThrow(expect.objectContaining({ code: 'STORE_KEY_EXISTS' }));
    expect(orders()).toEqual([]);
    expect(await session.list('')).toEqual([['window', 'there']]);
  });

  test('that is refused leaves nothing of it, also where the host commits all the same', async () => {
    await session.write(new WriteBatch().put('b', 'there'));
    host.exec('BEGIN IMMEDIATE; INSERT INTO orders VALUES (1)');
    const refused = batch().put('x', 1).delete('b');
    for (const key of ['a', 'b', 'c']) refused.put(key, 'new').requireAbsent(key);
    expect(() => writeWithin(host, refused)).toThrow(expect.objectContaining({ code: 'STORE_KEY_EXISTS' }));
    host.exec('COMMIT');
    expect(await session.list('')).toEqual([['b', 'there']]);
  });

  test('works on a connection that gives all integers as bigints', async () => {
    host.defaultSafeIntegers();
    commitOrder(1, batch().put('window', 1).requireAbsent('window'));
    expect(await session.get('window')).toBe(1);
  });

  test('goes to the store in the host file, whatever else the connection has attached', async () => {
    const elsewhere = join(folder, 'elsewhere.db');
    await SqliteStore.open(elsewhere).close();
    host.exec(`ATTACH '${elsewhere}' AS elsewhere; CREATE TEMP TABLE aftercommit_entry (task, key, value)`);
    commitOrder(1, batch().put('window', 1));
    expect(await session.get('window')).toBe(1);
  });
});

describe('writeWithin refuses', () => {
  test('a batch that carries no fence', () => {
    expect(() => commitOrder(1, new WriteBatch().put('window', 1))).toThrow(/no fence.*session\.fence/);
  });

  test('a connection without an open transaction', async () => {
    expect(() => writeWithin(host, batch().put('window', 1))).toThrow(/in no transaction/);
    expect(await session.list('')).toEqual([]);
  });

  test('a value that is no JSON, before it changes anything', async () => {
    host.exec('BEGIN IMMEDIATE');
    const unserialisable = Object.assign([], { toJSON: () => undefined });
    expect(() => writeWithin(host, batch().put('sound', 1).put('odd', unserialisable))).toThrow(TypeError);
    host.exec('COMMIT');
    expect(await session.list('')).toEqual([]);
  });

  test.each(['NORMAL', 'OFF'])('a connection with synchronous = %s', async (level) => {
    host.pragma(`synchronous = ${level}`);
    const refused = expect.objectContaining({
      code: 'STORE_NOT_DURABLE',
      message: expect.stringContaining("database.pragma('synchronous = FULL')"),
    });
    expect(() => commitOrder(1, batch().put('window', 1))).toThrow(refused);
    expect(orders()).toEqual([]);
    expect(await session.list('')).toEqual([]);
    host.pragma('synchronous = EXTRA');
    commitOrder(2, batch().put('window', 2));
    expect(orders()).toEqual([2]);
  });

  test('a journal that lives in memory', async () => {
    await store.close();
    expect(host.pragma('journal_mode = DELETE', { simple: true })).toBe('delete');
    commitOrder(1, batch().put('window', 1));
    host.pragma('journal_mode = MEMORY');
    expect(() => commitOrder(2, batch())).toThrow(expect.objectContaining({ code: 'STORE_NOT_DURABLE' }));
  });

  test('a file without the tables of the store, saying how to get them', () => {
    const other = new Database(join(folder, 'other.db'));
    other.pragma('synchronous = FULL');
    const refused = expect.objectContaining({
      code: 'STORE_SCHEMA_UNKNOWN',
      message: expect.stringContaining('SqliteStore.open'),
    });
    expect(() => other.transaction(() => writeWithin(other, batch())).immediate()).toThrow(refused);
    other.close();
  });

  test('the same on a connection of another copy of better-sqlite3', () => {
    const other = connectWithAnotherCopy(join(folder, 'other.db'));
    other.pragma('synchronous = FULL');
    const refused = expect.objectContaining({ code: 'STORE_SCHEMA_UNKNOWN' });
    expect(() => other.transaction(() => writeWithin(other, batch())).immediate()).toThrow(refused);
    other.close();
  });

  test('tables of another version', () => {
    host.exec('UPDATE aftercommit_schema SET version = 2');
    expect(() => commitOrder(1, batch())).toThrow(expect.objectContaining({ code: 'STORE_SCHEMA_UNKNOWN' }));
  });

  test('a transaction that began with a read when somebody has written since, saying how to begin it', async () => {
    host.exec('BEGIN; SELECT count(*) FROM orders');
    host.prepare('SELECT count(*) FROM orders').get();
    await session.write(new WriteBatch().put('meanwhile', 1));
    const refused = expect.objectContaining({
      code: 'STORE_LOCKED',
      message: expect.stringContaining('BEGIN IMMEDIATE'),
    });
    expect(() => writeWithin(host, batch().put('window', 1))).toThrow(refused);
    host.exec('ROLLBACK');
  });
});

function connect(): Database.Database {
  const database = new Database(join(folder, 'host.db'), { timeout: 1 });
  database.pragma('synchronous = FULL');
  return database;
}

function batch(): WriteBatch {
  return new WriteBatch(session.fence);
}

function commitOrder(id: number, staged: WriteBatch): void {
  host
    .transaction(() => {
      host.prepare('INSERT INTO orders VALUES (?)').run(id);
      writeWithin(host, staged);
    })
    .immediate();
}

function orders(): unknown[] {
  return host.prepare('SELECT id FROM orders').pluck().all();
}
