import { ConnectorError } from '@aftercommit/runtime-adapter';
import Database from 'better-sqlite3';
import { refusalToWrite } from './refusal-to-write.js';
import { connectorErrorOf, type Doing, sentence } from './sqlite-error.js';

/**
 * SQLite waits inside the call: the process does nothing else meanwhile. Long enough for another materialization on the
 * same file to commit a very large transaction.
 */
const busyTimeoutMs = 30_000;

/** Opens the file durably, and creates it when there is none. Throws `ConnectorError`. */
export function openDatabase(doing: Doing): Database.Database {
  assertWritable(doing);
  const database = connect(doing);
  try {
    makeDurable(database, doing);
    return database;
  } catch (error) {
    database.close();
    throw connectorErrorOf(error, doing);
  }
}

/**
 * SQLite reads a file that it may not write, and for that makes a log beside it that nobody may write: it stays, and
 * would still be in the way when the permissions of the file have been mended.
 */
function assertWritable(doing: Doing): void {
  for (const file of [doing.file, `${doing.file}-wal`, `${doing.file}-shm`]) {
    const cause = refusalToWrite(file);
    if (cause === undefined) continue;
    throw new ConnectorError(
      'ENDPOINT_UNAVAILABLE',
      `${sentence(doing)}: ${file} cannot be written (${cause.code}). Give this process the right to write it and its ` +
        'folder, or name another file.',
      { cause },
    );
  }
}

function connect(doing: Doing): Database.Database {
  try {
    return new Database(doing.file, { timeout: busyTimeoutMs });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = isNotBuilt(cause)
      ? 'better-sqlite3 is installed, but not built for this Node. Allow its install script (allowScripts of npm, ' +
        'allowBuilds of pnpm) and install again, or run npm rebuild better-sqlite3.'
      : `${reason}. Check the path, that its folder exists, and its permissions.`;
    throw new ConnectorError('ENDPOINT_UNAVAILABLE', `${sentence(doing)}: ${advice}`, { cause });
  }
}

/** No binary at all, or one for another version of Node. */
function isNotBuilt(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const isOfAnotherNode = 'code' in cause && cause.code === 'ERR_DLOPEN_FAILED';
  return isOfAnotherNode || cause.message.includes('Could not locate the bindings file');
}

/**
 * A file that is already in WAL mode opens with `synchronous = NORMAL`, and a power cut then loses acknowledged
 * commits: FULL is set on each open. `fullfsync` is what makes a disk write its cache on macOS; elsewhere it is ignored.
 */
function makeDurable(database: Database.Database, doing: Doing): void {
  const mode = turnOnLog(database);
  if (mode !== 'wal') {
    throw new ConnectorError(
      'ENDPOINT_UNAVAILABLE',
      `${sentence(doing)}: it has no write-ahead log (journal mode ${String(mode)}). Use a file on a local disk.`,
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
