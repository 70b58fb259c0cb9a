import type { Fence } from '@aftercommit/persistence';
import { type EncodedBatch, fencedError, keyExistsError } from '@aftercommit/persistence/implement';

/** As much of a prepared statement as a batch needs: the store's own, or one of a host's connection. */
export type BatchStatement = { get(...values: unknown[]): unknown; run(...values: unknown[]): unknown };

/** The statements that apply a batch. */
export type BatchStatements = Record<keyof typeof batchSql, BatchStatement>;

/** Tables are named with their schema: a table of the same name in a host's attached or temporary database is not ours. */
const batchSql = {
  fence:
    'SELECT owner = ? AND epoch = ? AS held, CAST(epoch AS TEXT) AS epoch FROM main.aftercommit_task WHERE task = ?',
  find: 'SELECT 1 FROM main.aftercommit_entry WHERE task = ? AND key = ?',
  put: `INSERT INTO main.aftercommit_entry (task, key, value) VALUES (?, ?, ?)
    ON CONFLICT (task, key) DO UPDATE SET value = excluded.value`,
  remove: 'DELETE FROM main.aftercommit_entry WHERE task = ? AND key = ?',
};

export function prepareBatchStatements(prepare: (sql: string) => BatchStatement): BatchStatements {
  return {
    fence: prepare(batchSql.fence),
    find: prepare(batchSql.find),
    put: prepare(batchSql.put),
    remove: prepare(batchSql.remove),
  };
}

/** Applies a batch inside of an open transaction: every check comes before the first change. */
export function applyBatch(statements: BatchStatements, fence: Fence, batch: EncodedBatch): void {
  assertHeld(statements, fence);
  for (const key of batch.requiredAbsent) {
    if (statements.find.get(fence.task, key) !== undefined) throw keyExistsError(fence.task, key);
  }
  for (const [key, text] of batch.changes) {
    if (text === undefined) statements.remove.run(fence.task, key);
    else statements.put.run(fence.task, key, text);
  }
}

/** I6: throws `STORE_FENCED` unless the task's owner and epoch are the session's. */
export function assertHeld(statements: Pick<BatchStatements, 'fence'>, fence: Fence): void {
  const row = statements.fence.get(fence.owner, fence.epoch, fence.task) as
    | { held: unknown; epoch: string }
    | undefined;
  if (row === undefined || Number(row.held) !== 1) {
    throw fencedError(fence, row === undefined ? undefined : BigInt(row.epoch));
  }
}
