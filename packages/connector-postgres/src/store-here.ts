import { type Fence, isStoreError, WriteBatch } from '@aftercommit/persistence';
import type { Queries } from './endpoint-connection.js';

/**
 * Whether the store whose session has the fence keeps its tables in this database. A batch that changes nothing is written only
 * where the store has this owner for the task, and that is a random token: no address is compared, and none can be taken for
 * another. Changes nothing.
 *
 * @param schema Of the store's tables. Undefined: where they are by default.
 */
export async function isHeldHere(queries: Queries, fence: Fence, schema: string | undefined): Promise<boolean> {
  await queries.query('SAVEPOINT before_store');
  try {
    await writeBatch(queries, new WriteBatch(fence), schema);
    return true;
  } catch (error) {
    // No store, another one, or one that this user may not write: it commits by itself then.
    if (!isStoreError(error)) throw error;
    await queries.query('ROLLBACK TO SAVEPOINT before_store');
    return false;
  }
}

/** Writes what the store commits into a transaction that is open. Throws a `StoreError`. */
export async function writeBatch({ host }: Queries, batch: WriteBatch, schema: string | undefined): Promise<void> {
  const { writeWithin } = await import('@aftercommit/persistence-postgres');
  await writeWithin(host, batch, schema === undefined ? {} : { schema });
}
