import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteBench } from '../test/sqlite-bench.js';
import { whileWriting } from '../test/while-writing.js';
import { EndpointDatabase } from './endpoint-database.js';
import { commitErrorOf, connectorErrorOf } from './sqlite-error.js';

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.remove());

const doing = { what: 'commit to', materialization: 'acme/orders', file: '/data/orders.db' };

describe('an endpoint file', () => {
  test('loses no commit in a power cut, on the first open and on each one after', () => {
    for (let time = 1; time <= 2; time += 1) {
      const database = new EndpointDatabase(bench.file, 'acme/orders');
      const settings = database.read('look at', (connection) =>
        ['synchronous', 'journal_mode', 'fullfsync', 'busy_timeout'].map((name) =>
          connection.pragma(name, { simple: true }),
        ),
      );
      expect(settings).toEqual([2, 'wal', 1, 30_000]);
      database.close();
    }
  });

  test('is found relative to the folder of the spec', async () => {
    mkdirSync(join(bench.folder, 'deep'));
    await bench.open({ path: join('deep', 'x.db') });
    await bench.open({ path: join(bench.folder, 'deep', 'x.db') });
    const reader = new Database(join(bench.folder, 'deep', 'x.db'), { readonly: true });
    expect(reader.prepare('SELECT epoch FROM aftercommit_materialization').pluck().get()).toBe(2);
    reader.close();
  });

  test('in a folder that is not there cannot be opened', async () => {
    await expect(bench.open({ path: 'no/x.db' })).rejects.toMatchObject({
      code: 'ENDPOINT_UNAVAILABLE',
      message: expect.stringMatching(/^acme\/orders: cannot open .*no\/x\.db: .*that its folder exists/),
    });
  });

  test('that is no database is corrupt', async () => {
    writeFileSync(bench.file, 'not a database, and longer than the header of one by far '.repeat(40));
    await expect(bench.open()).rejects.toMatchObject({
      code: 'ENDPOINT_CORRUPT',
      message: expect.stringMatching(/acme\/orders.*orders\.db.*SQLITE_NOTADB.*restore/),
    });
  });

  test('of a newer version is refused', async () => {
    await bench.open();
    bench.exec('UPDATE aftercommit_endpoint SET version = 2');
    await expect(bench.open()).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
      message: expect.stringMatching(/orders\.db have version 2.*knows version 1.*newer/),
    });
  });

  // Permissions are no matter to root: tests/disk-faults.test.ts opens it as somebody else.
  test.skipIf(process.getuid?.() === 0)(
    'that cannot be written is unavailable, and gets no log beside it',
    async () => {
      await (await bench.open()).connector.close();
      chmodSync(bench.file, 0o444);
      await expect(bench.open()).rejects.toMatchObject({
        code: 'ENDPOINT_UNAVAILABLE',
        message: expect.stringMatching(/^acme\/orders: cannot open .*orders\.db cannot be written \(EACCES\)/),
      });
      expect(readdirSync(bench.folder)).toEqual(['orders.db']);
      chmodSync(bench.file, 0o644);
      await bench.open();
    },
  );

  test('that is new waits for whoever writes it', async () => {
    await whileWriting(bench.file, () => new EndpointDatabase(bench.file, 'acme/orders').close());
  });
});

describe('a transaction', () => {
  test('leaves nothing open when it fails, and passes other errors on', () => {
    const database = new EndpointDatabase(bench.file, 'acme/orders');
    const fail = () =>
      database.transaction('commit to', (connection) => {
        connection.exec('CREATE TABLE x (y)');
        throw new TypeError('mine');
      });
    expect(fail).toThrow(TypeError);
    expect(fail).toThrow('mine');
    expect(database.transaction('commit to', () => 5)).toBe(5);
    database.close();
    expect(() => database.read('look at', () => 1)).toThrow(/closed/);
  });

  test('that cannot commit is rolled back, and its outcome is called unknown', () => {
    const database = new EndpointDatabase(bench.file, 'acme/orders');
    database.transaction('prepare', (connection) =>
      connection.exec('CREATE TABLE a (x PRIMARY KEY); CREATE TABLE b (x REFERENCES a DEFERRABLE INITIALLY DEFERRED)'),
    );
    const orphan = () => database.transaction('commit to', (connection) => connection.exec('INSERT INTO b VALUES (1)'));
    expect(orphan).toThrow(/committing failed.*outcome is unknown/);
    expect(database.transaction('look at', (connection) => connection.prepare('SELECT * FROM b').all())).toEqual([]);
    database.close();
  });
});

describe('an error of SQLite', () => {
  test('says to make room on a disk that is full, and to look at the log of a file that cannot be written', () => {
    const full = new Database.SqliteError('full', 'SQLITE_FULL');
    expect(connectorErrorOf(full, doing)).toMatchObject({ message: expect.stringContaining('Make room on the disk.') });
    expect(commitErrorOf(full, doing)).toMatchObject({
      message: expect.stringContaining('Make room on the disk, then start again'),
    });
    for (const code of ['SQLITE_READONLY_DIRECTORY', 'SQLITE_CANTOPEN']) {
      const cause = new Database.SqliteError('no', code);
      expect(connectorErrorOf(cause, doing)).toMatchObject({ message: expect.stringContaining('-wal and -shm') });
    }
  });

  test.each([
    ['SQLITE_BUSY', 'ENDPOINT_LOCKED'],
    ['SQLITE_BUSY_SNAPSHOT', 'ENDPOINT_LOCKED'],
    ['SQLITE_LOCKED', 'ENDPOINT_LOCKED'],
    ['SQLITE_PROTOCOL', 'ENDPOINT_LOCKED'],
    ['SQLITE_CORRUPT', 'ENDPOINT_CORRUPT'],
    ['SQLITE_CORRUPT_INDEX', 'ENDPOINT_CORRUPT'],
    ['SQLITE_NOTADB', 'ENDPOINT_CORRUPT'],
    ['SQLITE_FULL', 'ENDPOINT_UNAVAILABLE'],
    ['SQLITE_READONLY', 'ENDPOINT_UNAVAILABLE'],
    ['SQLITE_CANTOPEN', 'ENDPOINT_UNAVAILABLE'],
    ['SQLITE_IOERR_FSYNC', 'ENDPOINT_UNAVAILABLE'],
    ['SQLITE_TOOBIG', 'ENDPOINT_REFUSED'],
    ['SQLITE_CONSTRAINT_NOTNULL', 'ENDPOINT_REFUSED'],
  ])('%s is %s', (code, expected) => {
    const cause = new Database.SqliteError('it broke', code);
    expect(connectorErrorOf(cause, doing)).toMatchObject({
      code: expected,
      cause,
      message: expect.stringMatching(
        new RegExp(
          `^acme/orders: cannot commit to /data/orders.db: it broke \\(${code}\\). Nothing was changed. .+\\.$`,
        ),
      ),
    });
  });

  test('while committing leaves the outcome unknown, unless SQLite refused to begin', () => {
    const full = new Database.SqliteError('disk', 'SQLITE_IOERR');
    expect(commitErrorOf(full, doing)).toMatchObject({
      code: 'ENDPOINT_UNAVAILABLE',
      message: expect.stringContaining('unknown'),
    });
    const busy = new Database.SqliteError('busy', 'SQLITE_BUSY');
    expect(commitErrorOf(busy, doing)).toMatchObject({
      code: 'ENDPOINT_LOCKED',
      message: expect.stringContaining('Nothing was changed'),
    });
  });

  test('is told from errors of others', () => {
    const error = new TypeError('mine');
    expect(connectorErrorOf(error, doing)).toBe(error);
    expect(commitErrorOf(error, doing)).toBe(error);
  });
});
