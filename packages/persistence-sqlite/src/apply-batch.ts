import type { Fence } from '@aftercommit/persistence';
import { type EncodedBatch, fencedError, keyExistsError } from '@aftercommit/persistence/implement';

/** As much of a prepared statement as a batch needs: the store's own, or one of a host's connection. */
export type BatchStatement = {
  /** The first row; undefined: there is none. */
  get(...values: unknown[]): unknown;
  /** Runs it, and tells how many rows it changed. */
  run(...values: unknown[]): {
    /** 0 or more. */
    changes: number;
  };
};

/** The statements that apply a batch. */
export type BatchStatements = Record<keyof typeof batchSql, BatchStatement>;

/** Tables are named with their schema: a table of the same name in a host's attached or temporary database is not ours. */
const batchSql = {
  held: 'SELECT 1 FROM main.aftercommit_task WHERE task = ? AND owner = ? AND epoch = ?',
  heldBy: 'SELECT CAST(epoch AS TEXT) AS epoch FROM main.aftercommit_task WHERE task = ?',
  find: 'SELECT 1 FROM main.aftercommit_entry WHERE task = ? AND key = ?',
  add: `INSERT INTO main.aftercommit_entry (task, key, value) VALUES (?, ?, ?) ON CONFLICT (task, key) DO NOTHING`,
  put: `INSERT INTO main.aftercommit_entry (task, key, value) VALUES (?, ?, ?)
    ON CONFLICT (task, key) DO UPDATE SET value = excluded.value`,
  remove: 'DELETE FROM main.aftercommit_entry WHERE task = ? AND key = ?',
};

export function prepareBatchStatements(prepare: (sql: string) => BatchStatement): BatchStatements {
  return {
    held: prepare(batchSql.held),
    heldBy: prepare(batchSql.heldBy),
    find: prepare(batchSql.find),
    add: prepare(batchSql.add),
    put: prepare(batchSql.put),
    remove: prepare(batchSql.remove),
  };
}

/** Applies a batch inside of an open transaction. One that is refused leaves nothing changed. */
export function applyBatch(statements: BatchStatements, fence: Fence, { changes, requiredAbsent }: EncodedBatch): void {
  assertHeld(statements, fence);
  addRequiredAbsent(statements, fence, { changes, requiredAbsent });
  for (const [key, text] of changes) {
    if (text === undefined) statements.remove.run(fence.task, key);
    else if (!requiredAbsent.has(key)) statements.put.run(fence.task, key, text);
  }
}

/** A key that must be absent is looked for by adding it. What was added before one that is there is taken away again. */
function addRequiredAbsent(
  statements: BatchStatements,
  { task }: Fence,
  { changes, requiredAbsent }: EncodedBatch,
): void {
  if (requiredAbsent.size === 0) return;
  const texts = new Map(changes);
  const added: string[] = [];
  for (const key of requiredAbsent) {
    const text = texts.get(key);
    const isAbsent =
      text === undefined
        ? statements.find.get(task, key) === undefined
        : statements.add.run(task, key, text).changes === 1;
    if (!isAbsent) {
      for (const other of added) statements.remove.run(task, other);
      throw keyExistsError(task, key);
    }
    if (text !== undefined) added.push(key);
  }
}

/** I6: throws `STORE_FENCED` unless the task's owner and epoch are the session's. */
function assertHeld(statements: Pick<BatchStatements, 'held' | 'heldBy'>, fence: Fence): void {
  if (statements.held.get(fence.task, fence.owner, fence.epoch) !== undefined) return;
  const row = statements.heldBy.get(fence.task) as { epoch: string } | undefined;
  throw fencedError(fence, row === undefined ? undefined : BigInt(row.epoch));
}
