import { StoreError, type WriteBatch } from '@aftercommit/persistence';
import { encodeBatch } from '@aftercommit/persistence/implement';
import { applyBatch, type BatchStatement, type BatchStatements, prepareBatchStatements } from './apply-batch.js';
import { assertVersionKnown, selectVersion } from './schema.js';
import { storeErrorOf } from './sqlite-error.js';

/** A connection of better-sqlite3 that belongs to the host: as much of it as `writeWithin` needs. */
export type HostDatabase = {
  /** The path of its file, for messages. */
  readonly name: string;
  /** Whether a transaction is open on it. */
  readonly inTransaction: boolean;
  /** Compiles one statement. */
  prepare(source: string): BatchStatement;
};

/**
 * Writes a batch inside the host's own open transaction, so that the host's rows and the batch are committed together
 * or not at all. The database is the file that a `SqliteStore` has open; the batch carries the session's fence
 * (`new WriteBatch(session.fence)`). It neither commits nor rolls back, and nothing of the batch is written when it throws:
 * let the error out of the transaction, so that the host's rows are rolled back too.
 *
 * It is written at once: writes of the session that were begun before and not awaited may come after it.
 *
 * Begin the transaction with `immediate()`: one that begins with a read can fail with `STORE_LOCKED` later.
 *
 * @throws TypeError for a batch without a fence or a connection without an open transaction; StoreError `STORE_FENCED` when the
 *   task was opened again (the session's `lost` aborts with its own next verb), `STORE_KEY_EXISTS`, `STORE_NOT_DURABLE` when the
 *   connection would lose the commit in a power cut, `STORE_SCHEMA_UNKNOWN` when the store's tables are not in this file,
 *   `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_UNAVAILABLE`.
 */
export function writeWithin(database: HostDatabase, batch: WriteBatch): void {
  const { fence } = batch;
  if (fence === undefined) {
    throw new TypeError('The batch carries no fence: make it with new WriteBatch(session.fence)');
  }
  if (!database.inTransaction) {
    throw new TypeError(
      `The connection to ${database.name} is in no transaction: call writeWithin inside ` +
        `database.transaction(() => { … }).immediate()`,
    );
  }
  const encoded = encodeBatch(batch);
  try {
    const statements = statementsOf(database);
    assertVersionKnown(versionIn(statements), database.name);
    assertDurable(statements, database.name);
    applyBatch(statements, fence, encoded);
  } catch (error) {
    throw storeErrorOf(error, { what: 'write', file: database.name, task: fence.task });
  }
}

type HostStatements = BatchStatements & Record<keyof typeof hostSql, BatchStatement>;

const hostSql = {
  version: selectVersion,
  synchronous: 'PRAGMA main.synchronous',
  journalMode: 'PRAGMA main.journal_mode',
};

/** Prepared once for each connection, which is the host's, and forgotten with it. */
const statementsOfHosts = new WeakMap<HostDatabase, HostStatements>();

function statementsOf(database: HostDatabase): HostStatements {
  const known = statementsOfHosts.get(database);
  if (known !== undefined) return known;
  const prepare = (sql: string): BatchStatement => database.prepare(sql);
  const statements = {
    ...prepareBatchStatements(prepare),
    version: prepare(hostSql.version),
    synchronous: prepare(hostSql.synchronous),
    journalMode: prepare(hostSql.journalMode),
  };
  statementsOfHosts.set(database, statements);
  return statements;
}

function versionIn({ version }: HostStatements): number | bigint | undefined {
  const row = version.get() as { version: number | bigint } | undefined;
  return row?.version;
}

/** An acknowledged commit must survive a power cut, as one of the store's own does. */
function assertDurable(statements: HostStatements, file: string): void {
  const synchronous = Number(settingOf(statements.synchronous));
  const journalMode = String(settingOf(statements.journalMode));
  if (synchronous >= 2 && journalMode !== 'off' && journalMode !== 'memory') return;
  throw new StoreError(
    'STORE_NOT_DURABLE',
    `The connection to ${file} (synchronous = ${synchronous}, journal mode ${journalMode}) can lose what it ` +
      `committed in a power cut. Nothing was changed. Run database.pragma('synchronous = FULL') after opening it, ` +
      `each time, and keep the journal mode WAL`,
  );
}

/** A pragma's only row has one column, named as the pragma is. */
function settingOf(pragma: BatchStatement): unknown {
  return Object.values(pragma.get() as Record<string, unknown>)[0];
}
