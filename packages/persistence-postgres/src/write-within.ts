import type { WriteBatch } from '@aftercommit/persistence';
import { encodeBatch, fencedError, keyExistsError } from '@aftercommit/persistence/implement';
import { binaryArray } from './binary-array.js';
import { isServerError, storeErrorOf } from './postgres-error.js';
import { assertSchemaName, defaultSchema } from './schema-name.js';
import { refusalOf } from './write-batches.js';

/** A client of `pg` that belongs to the host: as much of it as `writeWithin` needs. A pool is none: it has no transaction. */
export type HostClient = {
  query(query: { name: string; text: string; values: unknown[] }): Promise<unknown>;
  /** Of `pg` 8.18 or later. `T`: in a transaction. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null;
};

/**
 * Writes a batch inside the host's own open transaction, so that the host's rows and the batch are committed together or not
 * at all. The database is that of a `PostgresStore`; the batch carries the session's fence (`new WriteBatch(session.fence)`).
 * It neither commits nor rolls back.
 *
 * Call it last, right before `COMMIT`: until then it keeps the task's row locked, and whoever opens the task waits. It is one
 * round trip. For this transaction it turns `synchronous_commit` on where it is off, and where nothing is set, it lets the server end
 * the session when nothing comes for 10 seconds.
 *
 * What it throws has failed the transaction: nothing of it can be committed any more, and it must be rolled back.
 *
 * A connection that breaks in `COMMIT` leaves the outcome unknown, and so does a `COMMIT` that ends with a notice of code 01000: its wait
 * for a standby was cancelled. Then close the session and open the task again.
 *
 * Throws a `TypeError` for a batch without a fence or a client without an open transaction; `STORE_FENCED` when the task was
 * opened again (the session's `lost` aborts with its own next verb), `STORE_KEY_EXISTS`, `STORE_LOCKED` (also for a transaction
 * of the host that lost against another), `STORE_SCHEMA_UNKNOWN` when the store's tables are not in this database, and `STORE_UNAVAILABLE`.
 *
 * @param options.schema The schema of the store's tables. Default: `aftercommit`.
 */
export async function writeWithin(
  client: HostClient,
  batch: WriteBatch,
  { schema = defaultSchema }: { schema?: string } = {},
): Promise<void> {
  const { fence } = batch;
  if (fence === undefined) {
    throw new TypeError('The batch carries no fence: make it with new WriteBatch(session.fence)');
  }
  assertSchemaName(schema);
  assertInTransaction(client);
  const { changes, requiredAbsent } = encodeBatch(batch);
  try {
    await client.query({
      name: `${schema}.write_within`,
      text: `SELECT ${schema}.write_within($1, $2, $3, $4, $5, $6)`,
      values: [
        Buffer.from(fence.task),
        Buffer.from(fence.owner),
        fence.epoch,
        binaryArray('bytea', [...requiredAbsent]),
        binaryArray(
          'bytea',
          changes.map(([key]) => key),
        ),
        binaryArray(
          'text',
          changes.map(([, text]) => text),
        ),
      ],
    });
  } catch (error) {
    if (isServerError(error) && error.code in refusalCodes) {
      const refusal = refusalOf(refusalCodes[error.code], error.detail);
      if (refusal.refusal === 'exists') throw keyExistsError(fence.task, refusal.key);
      throw fencedError(fence, refusal.refusal === 'fenced' ? refusal.heldEpoch : undefined);
    }
    throw storeErrorOf(error, { what: 'write', where: `schema ${schema}`, task: fence.task, changes: false });
  }
}

/** What `write_within` raises. */
const refusalCodes: Readonly<Record<string, string>> = { AFCFE: 'fenced', AFCEX: 'exists' };

function assertInTransaction(client: HostClient): void {
  const status = 'getTransactionStatus' in client ? client.getTransactionStatus() : null;
  if (status === 'T' || status === 'E') return;
  throw new TypeError(
    'writeWithin needs a client of pg with an open transaction: run BEGIN on it first, and pass no pool',
  );
}
