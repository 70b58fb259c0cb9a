import { existsSync } from 'node:fs';
import { StoreError } from '@aftercommit/persistence';
import Database from 'better-sqlite3';
import { refusalToWrite } from './refusal-to-write.js';
import { assertVersionKnown, createTables, findSchemaTable, selectVersion, tables } from './schema.js';
import { storeErrorOf } from './sqlite-error.js';

/** Opens the file durably, creates our tables in it or checks the ones it has. Throws `StoreError`. */
export function openDatabase(path: string, busyTimeoutMs: number): Database.Database {
  return connected(path, busyTimeoutMs, (database) => prepare(database, path));
}

/** As `openDatabase`, of a file that has our tables. Undefined: there is no file, or it has none; it is left as it is. */
export function openExistingDatabase(path: string, busyTimeoutMs: number): Database.Database | undefined {
  if (!existsSync(path)) return undefined;
  return connected(path, busyTimeoutMs, (database) => {
    if (hasTables(database)) return prepare(database, path);
    database.close();
    return undefined;
  });
}

function connected<Opened>(path: string, busyTimeoutMs: number, open: (database: Database.Database) => Opened): Opened {
  assertLogWritable(path);
  const database = connect(path, busyTimeoutMs);
  try {
    return open(database);
  } catch (error) {
    database.close();
    throw storeErrorOf(error, { what: 'open the store', file: path });
  }
}

function prepare(database: Database.Database, path: string): Database.Database {
  assertTextIsUtf8(database, path);
  makeDurable(database, path);
  prepareTables(database, path);
  assertIntact(database, path);
  return database;
}

/**
 * SQLite reads a file that it may not write, and for that makes a log beside it that nobody may write: it stays, and
 * would still be in the way when the permissions of the file have been mended. Where there is a log, nothing is made.
 */
function assertLogWritable(path: string): void {
  const cause = existsSync(`${path}-wal`) ? undefined : refusalToWrite(path);
  if (cause === undefined) return;
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `Cannot open the store in ${path}: the file cannot be written (${cause.code}). Give this process the right to write it ` +
      'and its folder, or name another file',
    { cause },
  );
}

function connect(path: string, busyTimeoutMs: number): Database.Database {
  try {
    return new Database(path, { timeout: busyTimeoutMs });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (isNotBuilt(cause)) {
      throw new StoreError(
        'STORE_UNAVAILABLE',
        `Cannot open the store in ${path}: better-sqlite3 is installed, but not built for this Node. Allow its install ` +
          'script (allowScripts of npm, allowBuilds of pnpm) and install again, or run npm rebuild better-sqlite3',
        { cause },
      );
    }
    throw new StoreError(
      'STORE_UNAVAILABLE',
      `Cannot open the store in ${path}: ${reason}. Check the path, that its folder exists, and its permissions`,
      { cause },
    );
  }
}

/** No binary at all, or one for another version of Node. */
function isNotBuilt(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const isOfAnotherNode = 'code' in cause && cause.code === 'ERR_DLOPEN_FAILED';
  return isOfAnotherNode || cause.message.includes('Could not locate the bindings file');
}

/** Keys are listed in the order of their bytes, which is the order of code points in UTF-8 alone. */
function assertTextIsUtf8(database: Database.Database, path: string): void {
  const encoding = database.pragma('encoding', { simple: true });
  if (encoding === 'UTF-8') return;
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `Cannot keep a store in ${path}: the file's text is ${String(encoding)}, and keys need UTF-8. Use another file`,
  );
}

/**
 * A file that is already in WAL mode opens with `synchronous = NORMAL`, and a power cut then loses acknowledged
 * writes: FULL is set on each open. `fullfsync` is what makes a disk write its cache on macOS; elsewhere it is ignored.
 */
function makeDurable(database: Database.Database, path: string): void {
  const mode = turnOnLog(database);
  if (mode !== 'wal') {
    throw new StoreError(
      'STORE_UNAVAILABLE',
      `Cannot keep a store in ${path}: it has no write-ahead log (journal mode ${String(mode)}). Use a file on a local ` +
        `disk, or MemoryStore for a store in memory`,
    );
  }
  database.pragma('synchronous = FULL');
  database.pragma('fullfsync = ON');
}

/** Turning it on waits for nobody: whoever writes is waited for with a transaction that needs the whole file too. */
function turnOnLog(database: Database.Database): unknown {
  if (database.pragma('journal_mode', { simple: true }) !== 'wal') database.exec('BEGIN EXCLUSIVE; COMMIT');
  return database.pragma('journal_mode = WAL', { simple: true });
}

function prepareTables(database: Database.Database, path: string): void {
  if (!hasTables(database)) {
    // Somebody else may create them between the look above and the lock: so it looks again.
    database.transaction(() => hasTables(database) || database.exec(createTables)).immediate();
  }
  assertVersionKnown(database.prepare<[], number>(selectVersion).pluck().get(), path);
}

function hasTables(database: Database.Database): boolean {
  return database.prepare(findSchemaTable).pluck().get() === 1;
}

/** Looks at our tables alone: the host's may be large. 100,000 entries take about 40 ms. */
function assertIntact(database: Database.Database, path: string): void {
  for (const table of tables) {
    const finding = String(database.pragma(`integrity_check('${table}')`, { simple: true }));
    if (finding === 'ok') continue;
    // A headline and one line for each page that is damaged: the first of them says enough.
    const [first] = finding.split('\n').filter((line) => !line.startsWith('***'));
    throw new StoreError(
      'STORE_CORRUPT',
      `The table ${table} in ${path} is damaged: ${first ?? finding}. Restore the file from a copy`,
    );
  }
}
