import { isStoreError, StoreError, type StoreErrorCode } from '@aftercommit/persistence';

/** What was being done, to which file and task: the first half of every message. */
export type Doing = { readonly what: string; readonly file: string; readonly task?: string };

/**
 * The store error of what SQLite threw before a commit: nothing was changed. Other errors, such as a `TypeError` for a
 * value that is no JSON, come back as they are.
 */
export function storeErrorOf(error: unknown, doing: Doing): unknown {
  if (isStoreError(error) || !isSqliteError(error)) return error;
  const { code, advice } = explain(error);
  return new StoreError(code, `${sentence(doing)}: ${error.message} (${error.code}). Nothing was changed. ${advice}`, {
    cause: error,
  });
}

/** The store error of a COMMIT that failed: unless SQLite refused to begin it, the medium may hold it or not. */
export function commitErrorOf(error: unknown, doing: Doing): unknown {
  if (!isSqliteError(error) || error.code.startsWith('SQLITE_BUSY')) return storeErrorOf(error, doing);
  const remedy = error.code === 'SQLITE_FULL' ? 'Make room on the disk' : 'Check the disk';
  return new StoreError(
    'STORE_OUTCOME_UNKNOWN',
    `${sentence(doing)}: committing failed with ${error.message} (${error.code}), and the file may hold the write or ` +
      `not. ${remedy}, then open the task again and read what is there`,
    { cause: error },
  );
}

/** By its name, not its class: the host's connection may come from another copy of better-sqlite3. */
function isSqliteError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && error.name === 'SqliteError' && 'code' in error && typeof error.code === 'string';
}

function sentence({ what, file, task }: Doing): string {
  return `Cannot ${what}${task === undefined ? '' : ` task ${JSON.stringify(task)}`} in ${file}`;
}

function explain({ code, message }: { code: string; message: string }): { code: StoreErrorCode; advice: string } {
  if (code.startsWith('SQLITE_BUSY_SNAPSHOT')) {
    return {
      code: 'STORE_LOCKED',
      advice: 'The transaction began with a read and the file changed since: begin it with BEGIN IMMEDIATE',
    };
  }
  // PROTOCOL: another process stands still in the middle of locking the write-ahead log.
  if (/^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(code)) {
    return {
      code: 'STORE_LOCKED',
      advice: 'Another connection holds the file locked: end its transaction, or wait longer (busyTimeoutMs)',
    };
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return { code: 'STORE_CORRUPT', advice: 'Check the path, or restore the file from a copy' };
  }
  if (code === 'SQLITE_ERROR' && message.startsWith('no such ')) {
    return {
      code: 'STORE_SCHEMA_UNKNOWN',
      advice: 'Open the file with SqliteStore.open first, which creates the tables',
    };
  }
  return { code: 'STORE_UNAVAILABLE', advice: remedyOf(code) };
}

function remedyOf(code: string): string {
  if (code === 'SQLITE_FULL') return 'Make room on the disk';
  // A log that somebody else made, or that was made while the file could not be written, is in the way too.
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return 'Check that this process may write the file, its folder, and the files beside it that end in -wal and -shm';
  }
  return 'Check that the path, the permissions and the disk allow writing, and that there is room on it';
}
