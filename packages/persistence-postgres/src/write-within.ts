import type { WriteBatch } from '@aftercommit/persistence';
import { encodeBatch, fencedError, keyExistsError } from '@aftercommit/persistence/implement';
import { binaryArray } from './binary-array.js';
import { type HostClient, isInTransaction } from './host-client.js';
import { isServerError, NoReplyError, storeErrorOf } from './postgres-error.js';
import { assertSchemaName, defaultSchema } from './schema-name.js';
import { refusalOf } from './write-batches.js';

/**
 * Writes a batch inside the host's own open transaction, so that the host's rows and the batch are committed together or not
 * at all. The database is that of a `PostgresStore`; the batch carries the session's fence (`new WriteBatch(session.fence)`).
 * It neither commits nor rolls back.
 *
 * Call it last, right before `COMMIT`: from here on the task's row is locked, and whoever opens the task waits. It is one
 * round trip. For this transaction it turns `synchronous_commit` on where it is off; and where no limit is set, it has the server end the
 * session when nothing comes for 10 seconds. `transact` commits, and knows whether it did.
 *
 * What it throws has failed the transaction: nothing of it can be committed any more, so roll it back.
 *
 * @throws TypeError for a batch without a fence or a client without an open transaction; StoreError `STORE_FENCED` when the task
 *   was opened again (the session's `lost` aborts with its own next verb), `STORE_KEY_EXISTS`, `STORE_LOCKED` (also for a
 *   transaction of the host that lost against another), `STORE_SCHEMA_UNKNOWN` when the store's tables are not in this database,
 *   `STORE_UNAVAILABLE`.
 */
export async function writeWithin(
  client: HostClient,
  batch: WriteBatch,
  {
    schema = defaultSchema,
  }: {
    /** The schema of the store's tables. Default: `aftercommit`. */
    schema?: string;
  } = {},
): Promise<void> {
  const { fence } = batch;
  if (fence === undefined) {
    throw new TypeError('The batch carries no fence: make it with new WriteBatch(session.fence)');
  }
  assertSchemaName(schema);
  if (!isInTransaction(client)) {
    throw new TypeError('writeWithin needs a client of pg in a transaction: call it inside transact, and pass no pool');
  }
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
    const reason = isServerError(error) ? error : new NoReplyError(String(error), { cause: error });
    throw storeErrorOf(reason, { what: 'write', where: `schema ${schema}`, task: fence.task, changes: false });
  }
}

/** What `write_within` raises. */
const refusalCodes: Readonly<Record<string, string>> = { AFCFE: 'fenced', AFCEX: 'exists' };
