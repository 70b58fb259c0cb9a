import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StoreErrorCode, WriteBatch } from '@aftercommit/persistence';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { whileWriting } from '../test/while-writing.js';
import { openDatabase } from './open-database.js';
import { SqliteStore } from './sqlite-store.js';

const folder = mkdtempSync(join(tmpdir(), 'aftercommit-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the file', () => {
  test('is in WAL mode with synchronous FULL, also when it is opened again', () => {
    const path = join(folder, 'durable.db');
    for (const _opening of ['first', 'second']) {
      const database = openDatabase(path, 0);
      expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
      expect(database.pragma('synchronous', { simple: true })).toBe(2);
      database.close();
    }
  });

  test('holds nothing but tables of our prefix, and leaves user_version to the host', async () => {
    const path = join(folder, 'beside.db');
    const host = new Database(path);
    host.exec('CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1); PRAGMA user_version = 7');
    const store = SqliteStore.open(path);
    const names = host.prepare('SELECT name FROM sqlite_schema ORDER BY name').pluck().all();
    expect(names).toEqual(['aftercommit_entry', 'aftercommit_schema', 'aftercommit_task', 'orders']);
    expect(host.pragma('user_version', { simple: true })).toBe(7);
    await store.close();
    host.close();
  });

  test('is left as it is by who only looks, where it has no tables of ours', async () => {
    const path = join(folder, 'looked-at.db');
    expect(SqliteStore.openExisting(path)).toBeUndefined();
    expect(existsSync(path)).toBe(false);
    const host = new Database(path);
    host.exec('CREATE TABLE orders (id INTEGER)');
    host.close();
    const before = readFileSync(path);
    expect(SqliteStore.openExisting(path)).toBeUndefined();
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.startsWith('looked-at'))).toEqual(['looked-at.db']);
    await SqliteStore.open(path).close();
    const store = SqliteStore.openExisting(path);
    expect(await store?.tasks()).toEqual([]);
    await store?.close();
  });

  test('keeps an epoch beyond 2^53 exact', async () => {
    const store = SqliteStore.open({ path: join(folder, 'epoch.db'), now: () => 2 ** 53 });
    const first = await store.open('task', 'a');
    const second = await store.open('task', 'b');
    expect(second.fence.epoch).toBe(first.fence.epoch + 1n);
    await second.write(new WriteBatch().put('key', 1));
    await expect(first.write(new WriteBatch())).rejects.toMatchObject({ code: 'STORE_FENCED' });
    await store.close();
  });

  test('keeps a message for a task that was never opened, which is no task yet', async () => {
    const store = SqliteStore.open(join(folder, 'message.db'));
    await store.request('task', 'early');
    expect(await store.tasks()).toEqual([]);
    const session = await store.open('task', 'owner');
    expect(await session.list('mailbox/')).toEqual([['mailbox/0000000000000001', 'early']]);
    await store.close();
  });
});

describe('opening', () => {
  test('refuses a schema version that it does not know, and leaves the file as it is', async () => {
    const path = join(folder, 'newer.db');
    await SqliteStore.open(path).close();
    alter(path, 'UPDATE aftercommit_schema SET version = 99');
    expect(refusalOf(path)).toEqual(['STORE_SCHEMA_UNKNOWN', expect.stringContaining('version 99')]);
    alter(path, 'DELETE FROM aftercommit_schema');
    expect(refusalOf(path)).toEqual(['STORE_SCHEMA_UNKNOWN', expect.stringContaining('no version')]);
  });

  test('refuses a file that is no database', () => {
    const path = join(folder, 'text.db');
    writeFileSync(path, 'these are the notes of last summer, and not a database\n'.repeat(100));
    expect(refusalOf(path)).toEqual(['STORE_CORRUPT', expect.stringContaining(path)]);
  });

  test('refuses damaged tables of ours', async () => {
    const path = join(folder, 'damaged.db');
    await SqliteStore.open(path).close();
    // A NULL where the column forbids it: what integrity_check finds in a table that was written behind its back.
    alter(
      path,
      `PRAGMA writable_schema = ON;
       UPDATE sqlite_schema SET sql = replace(sql, 'value TEXT NOT NULL', 'value TEXT') WHERE name = 'aftercommit_entry';`,
    );
    alter(path, `INSERT INTO aftercommit_entry (task, key, value) VALUES ('task', 'key', NULL)`);
    alter(
      path,
      `PRAGMA writable_schema = ON;
       UPDATE sqlite_schema SET sql = replace(sql, 'value TEXT', 'value TEXT NOT NULL') WHERE name = 'aftercommit_entry';`,
    );
    expect(refusalOf(path)).toEqual(['STORE_CORRUPT', expect.stringContaining('aftercommit_entry')]);
  });

  test('says in one line which page is damaged', async () => {
    const path = join(folder, 'zeroed.db');
    const store = SqliteStore.open(path);
    await (await store.open('task', 'owner')).write(new WriteBatch().put('key', 1));
    await store.close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0, bytes.length - 4096));
    expect(refusalOf(path)).toEqual([
      'STORE_CORRUPT',
      expect.stringMatching(/^The table .* is damaged: .*page \d.*copy$/),
    ]);
  });

  // Permissions are no matter to root: tests/disk-faults.test.ts opens it as somebody else.
  test.skipIf(process.getuid?.() === 0)(
    'refuses a file that cannot be written, and makes no log beside it',
    async () => {
      const path = join(folder, 'read-only.db');
      await SqliteStore.open(path).close();
      chmodSync(path, 0o444);
      expect(refusalOf(path)).toEqual(['STORE_UNAVAILABLE', expect.stringContaining('cannot be written (EACCES)')]);
      expect(readdirSync(folder).filter((name) => name.startsWith('read-only'))).toEqual(['read-only.db']);
      chmodSync(path, 0o644);
      await SqliteStore.open(path).close();
    },
  );

  test('waits for whoever writes a file that has no log yet', async () => {
    const path = join(folder, 'being-written.db');
    await whileWriting(path, () => void SqliteStore.open(path).close());
  });

  test('refuses a folder, a path without a folder and a database in memory', () => {
    expect(refusalOf(folder)[0]).toBe('STORE_UNAVAILABLE');
    expect(refusalOf(join(folder, 'no such folder', 'a.db'))[0]).toBe('STORE_UNAVAILABLE');
    expect(refusalOf(':memory:')).toEqual(['STORE_UNAVAILABLE', expect.stringContaining('MemoryStore')]);
  });

  test('refuses a file whose text is not UTF-8', () => {
    const path = join(folder, 'utf16.db');
    alter(path, `PRAGMA encoding = 'UTF-16le'; CREATE TABLE host (id INTEGER)`);
    expect(refusalOf(path)).toEqual(['STORE_UNAVAILABLE', expect.stringContaining('UTF-16le')]);
  });
});

describe('another connection', () => {
  test('that holds the file locked fails writes and opens, changing nothing', async () => {
    const path = join(folder, 'locked.db');
    const store = SqliteStore.open({ path, busyTimeoutMs: 1 });
    const session = await store.open('task', 'owner');
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const write = session.write(new WriteBatch().put('key', 1));
    await expect(write).rejects.toMatchObject({ code: 'STORE_LOCKED', applied: 'no' });
    await expect(store.open('task', 'next')).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    expect(await session.get('key')).toBe(undefined);
    other.exec('ROLLBACK');
    await session.write(new WriteBatch().put('key', 2));
    expect(await session.get('key')).toBe(2);
    other.close();
    await store.close();
  });

  test('that spoils a value makes reading it fail, naming the key and never the value', async () => {
    const path = join(folder, 'spoilt.db');
    const store = SqliteStore.open(path);
    const session = await store.open('task', 'owner');
    await session.write(new WriteBatch().put('spoilt', 1).put('sound', 2));
    alter(path, `UPDATE aftercommit_entry SET value = 's3cret{' WHERE key = 'spoilt'`);
    for (const call of [() => session.get('spoilt'), () => session.list(''), () => store.read('task')]) {
      const error = await call().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'STORE_CORRUPT', message: expect.stringContaining('"spoilt"') });
      expect(String((error as Error).stack)).not.toContain('s3cret');
    }
    expect(await session.get('sound')).toBe(2);
    await store.close();
  });

  test('that drops our tables makes every call fail and say so', async () => {
    const path = join(folder, 'dropped.db');
    const store = SqliteStore.open(path);
    const session = await store.open('task', 'owner');
    alter(path, 'DROP TABLE aftercommit_entry');
    await expect(session.get('key')).rejects.toMatchObject({ code: 'STORE_SCHEMA_UNKNOWN' });
    await expect(session.write(new WriteBatch().put('key', 1))).rejects.toMatchObject({ code: 'STORE_SCHEMA_UNKNOWN' });
    await store.close();
  });
});

describe('writes that are not awaited', () => {
  test('of many sessions share a transaction: another connection sees all of them appear at once', async () => {
    const path = join(folder, 'together.db');
    const store = SqliteStore.open(path);
    const other = new Database(path);
    const version = () => Number(other.pragma('data_version', { simple: true }));
    const entries = () => other.prepare('SELECT count(*) FROM aftercommit_entry').pluck().get();
    const sessions = await Promise.all(Array.from({ length: 16 }, (_, index) => store.open(`task ${index}`, 'owner')));
    const before = version();
    const writes = Promise.all(sessions.map((session) => session.write(new WriteBatch().put('key', 1))));
    expect([version(), entries()]).toEqual([before, 0]);
    await new Promise((resolve) => setImmediate(resolve));
    expect([version(), entries()]).toEqual([before + 1, 16]);
    await writes;
    other.close();
    await store.close();
  });

  test('are seen by what is read after them, and not by what was read before', async () => {
    const store = SqliteStore.open(join(folder, 'read-after.db'));
    const session = await store.open('task', 'owner');
    const reads = [session.get('key'), session.list(''), store.read('task'), store.tasks()];
    const writes = [session.write(new WriteBatch().put('key', 1)), store.open('another', 'owner')];
    reads.push(session.get('key'), session.list(''), store.read('task'), store.tasks());
    const found = await Promise.all(reads);
    await Promise.all(writes);
    expect(found).toEqual([undefined, [], [], ['task'], 1, [['key', 1]], [['key', 1]], ['another', 'task']]);
    await store.close();
  });

  test('are refused from the moment on at which the task is opened again, and not before', async () => {
    const store = SqliteStore.open(join(folder, 'opened-between.db'));
    const session = await store.open('task', 'owner');
    const early = session.write(new WriteBatch().put('early', 1));
    const successor = store.open('task', 'next');
    const late = session.write(new WriteBatch().put('late', 1));
    await early;
    await expect(late).rejects.toMatchObject({ code: 'STORE_FENCED' });
    expect(await (await successor).list('')).toEqual([['early', 1]]);
    await store.close();
  });

  test('are committed by close, in the order in which they were begun', async () => {
    const path = join(folder, 'closed.db');
    const store = SqliteStore.open(path);
    const session = await store.open('task', 'owner');
    const writes = Promise.all([1, 2, 3].map((value) => session.write(new WriteBatch().put('key', value))));
    const read = session.get('key');
    const closing = store.close();
    await expect(session.write(new WriteBatch().put('key', 4))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await Promise.all([writes, closing]);
    await expect(read).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    const reopened = SqliteStore.open(path);
    expect(await reopened.read('task')).toEqual([['key', 3]]);
    await reopened.close();
  });

  test('within a transaction of the host wait for its end', async () => {
    const path = join(folder, 'host-writes.db');
    const store = SqliteStore.open({ path, busyTimeoutMs: 1 });
    const session = await store.open('task', 'owner');
    const host = new Database(path);
    host.exec('CREATE TABLE orders (id INTEGER); BEGIN IMMEDIATE; INSERT INTO orders VALUES (1)');
    const write = session.write(new WriteBatch().put('key', 1));
    host.exec('COMMIT');
    host.close();
    await write;
    expect(await session.get('key')).toBe(1);
    await store.close();
  });
});

function alter(path: string, sql: string): void {
  const database = new Database(path);
  database.unsafeMode();
  database.exec(sql);
  database.close();
}

function refusalOf(path: string): [StoreErrorCode, string] {
  try {
    SqliteStore.open(path);
  } catch (error) {
    const { code, message } = error as { code: StoreErrorCode; message: string };
    return [code, message];
  }
  throw new Error(`${path} was opened`);
}
