import { ConnectorError, type ConnectorErrorCode, isConnectorError } from '@aftercommit/runtime-adapter';

/** What was being done, for which materialization, in which file: the first half of every message. */
export type Doing = { readonly what: string; readonly materialization: string; readonly file: string };

/**
 * The connector error of what SQLite threw before a commit: nothing was changed. Errors of others come back as they are.
 */
export function connectorErrorOf(error: unknown, doing: Doing): unknown {
  if (isConnectorError(error) || !isSqliteError(error)) return error;
  const { code, advice } = explain(error);
  return new ConnectorError(
    code,
    `${sentence(doing)}: ${error.message} (${error.code}). Nothing was changed. ${advice}`,
    { cause: error },
  );
}

/** The connector error of a COMMIT that failed: unless SQLite refused to begin it, the medium may hold it or not. */
export function commitErrorOf(error: unknown, doing: Doing): unknown {
  if (!isSqliteError(error) || error.code.startsWith('SQLITE_BUSY')) return connectorErrorOf(error, doing);
  const remedy = error.code === 'SQLITE_FULL' ? 'Make room on the disk' : 'Check the disk';
  return new ConnectorError(
    explain(error).code,
    `${sentence(doing)}: committing failed with ${error.message} (${error.code}), and the outcome is unknown: the file ` +
      `may hold the transaction or not. ${remedy}, then start again: what is there is read first.`,
    { cause: error },
  );
}

export function sentence({ what, materialization, file }: Doing): string {
  return `${materialization}: cannot ${what} ${file}`;
}

type SqliteError = Error & { code: string };

/** By its name, not its class: there may be two copies of better-sqlite3. */
function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && error.name === 'SqliteError' && 'code' in error && typeof error.code === 'string';
}

function explain({ code, message }: SqliteError): { code: ConnectorErrorCode; advice: string } {
  // PROTOCOL: another process stands still in the middle of locking the write-ahead log.
  if (/^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(code)) {
    return {
      code: 'ENDPOINT_LOCKED',
      advice: 'Another connection holds the file locked: end its transaction, then start again.',
    };
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return { code: 'ENDPOINT_CORRUPT', advice: 'Check the path, or restore the file from a copy.' };
  }
  if (code === 'SQLITE_ERROR' && /^no such |has no column named /.test(message)) {
    return {
      code: 'ENDPOINT_CORRUPT',
      advice: 'Somebody changed the tables meanwhile: start again, which makes what is missing.',
    };
  }
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return {
      code: 'ENDPOINT_REFUSED',
      advice: 'A constraint or a trigger that was added to the table refuses a row: remove it, then start again.',
    };
  }
  if (code === 'SQLITE_TOOBIG') {
    return { code: 'ENDPOINT_REFUSED', advice: 'A document is larger than SQLite can keep (1 GB): take it out.' };
  }
  return { code: 'ENDPOINT_UNAVAILABLE', advice: remedyOf(code) };
}

function remedyOf(code: string): string {
  if (code === 'SQLITE_FULL') return 'Make room on the disk.';
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return 'Check that this process may write the file, its folder, and the files beside it that end in -wal and -shm.';
  }
  return 'Check that the path, the permissions and the disk allow writing, and that there is room on it.';
}
