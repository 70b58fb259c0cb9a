import { isStoreError, StoreError, type StoreErrorCode } from '@aftercommit/persistence';

/** What was being done, where and to which task: the first half of every message. */
export type Doing = {
  readonly what: string;
  /** The store, without a password. */
  readonly where: string;
  readonly task?: string;
  /** Whether it changes something, so that a lost reply leaves a doubt. */
  readonly changes: boolean;
};

/** What PostgreSQL says of a statement that failed, by its SQLSTATE. Of a host's connection, it may be of another copy of `pg`. */
export type ServerError = Error & { readonly code: string; readonly severity: string; readonly detail?: string };

/** Something was sent, and whether it was done is not known: the connection is no good any more. */
export class NoReplyError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'NoReplyError';
  }
}

/** Whether the server has said it. Errors of sockets have codes as well, of which some, such as EPIPE, look like an SQLSTATE. */
export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'severity' in error;
}

/**
 * Whether the statement has certainly not been applied. The others of the server's errors end the connection, or tell of a
 * server that is broken: they may come after the commit.
 */
export function isRefusedByServer(error: unknown): error is ServerError {
  if (!isServerError(error)) return false;
  return !/^(08|57P|58|XX)/.test(error.code) || error.code === dataCorrupted || error.code === indexCorrupted;
}

/** A server that takes no writes, such as one that was the primary until now. */
export const readOnlyServer = '25006';
const dataCorrupted = 'XX001';
const indexCorrupted = 'XX002';

/** The store error of what a call met. What is no failure of PostgreSQL, such as a `TypeError`, comes back as it is. */
export function storeErrorOf(error: unknown, doing: Doing): unknown {
  if (isStoreError(error)) return error;
  if (isRefusedByServer(error)) {
    const { code, advice } = explain(error);
    return new StoreError(code, `${sentence(doing)}: ${spoken(error)}. Nothing was changed. ${advice}`, {
      cause: error,
    });
  }
  if (!(error instanceof NoReplyError) && !isServerError(error)) return error;
  if (!doing.changes) {
    const advice = 'Nothing was changed. Check that the server runs and can be reached, and try again';
    return new StoreError('STORE_UNAVAILABLE', `${sentence(doing)}: ${spoken(error)}. ${advice}`, { cause: error });
  }
  return new StoreError(
    'STORE_OUTCOME_UNKNOWN',
    `${sentence(doing)}: ${spoken(error)}. It was applied or not. Open the task again and read what is there`,
    { cause: error },
  );
}

/** The store error of a server that could not be connected to: nothing was sent. */
export function connectErrorOf(errors: ReadonlyArray<{ host: string; error: unknown }>, where: string): StoreError {
  const reasons = errors.map(({ host, error }) => `${host}: ${spoken(error)}`).join('; ');
  return new StoreError(
    'STORE_UNAVAILABLE',
    `Cannot connect to ${where}. ${reasons}. Nothing was sent. Check host, port, user, password and database, and that ` +
      'the server runs and lets this host in',
    { cause: errors.length === 1 ? errors[0]?.error : new AggregateError(errors.map(({ error }) => error)) },
  );
}

/** An error in few words. Errors of several addresses of one name have no message of their own. */
function spoken(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(spoken).join(', ');
  if (isServerError(error)) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}

function sentence({ what, where, task }: Doing): string {
  return `Cannot ${what}${task === undefined ? '' : ` task ${JSON.stringify(task)}`} in ${where}`;
}

/** By the codes of PostgreSQL, appendix A of its manual. */
const explanations: Readonly<Record<string, { code: StoreErrorCode; advice: string }>> = {
  '55P03': {
    code: 'STORE_LOCKED',
    advice: 'Another transaction holds the task: end it, or wait longer (lockTimeoutMs)',
  },
  '40001': { code: 'STORE_LOCKED', advice: 'Another transaction was faster: roll back and try again' },
  '40P01': { code: 'STORE_LOCKED', advice: 'Two transactions waited for each other: roll back and try again' },
  '42P01': schemaUnknown(),
  '3F000': schemaUnknown(),
  '42883': schemaUnknown(),
  '42501': {
    code: 'STORE_UNAVAILABLE',
    advice:
      'Let the role use the tables: GRANT USAGE ON SCHEMA and GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN ' +
      'SCHEMA, of the schema of the store',
  },
  [readOnlyServer]: {
    code: 'STORE_UNAVAILABLE',
    advice: 'This server takes no writes, such as a standby: name the primary, or all of the servers, in the URL',
  },
  '25P02': { code: 'STORE_UNAVAILABLE', advice: 'The transaction had failed before: roll it back' },
  '53100': { code: 'STORE_UNAVAILABLE', advice: "Make room on the server's disk" },
  '54000': { code: 'STORE_UNAVAILABLE', advice: 'The name of the task and the key are too long together for an index' },
  [dataCorrupted]: { code: 'STORE_CORRUPT', advice: 'Restore the database from a copy' },
  [indexCorrupted]: { code: 'STORE_CORRUPT', advice: 'Run REINDEX, or restore the database from a copy' },
};

function schemaUnknown(): { code: StoreErrorCode; advice: string } {
  return {
    code: 'STORE_SCHEMA_UNKNOWN',
    advice: 'Open the store with PostgresStore.open first, which makes the tables',
  };
}

function explain({ code }: ServerError): { code: StoreErrorCode; advice: string } {
  return explanations[code] ?? { code: 'STORE_UNAVAILABLE', advice: 'Look into the log of the server' };
}
