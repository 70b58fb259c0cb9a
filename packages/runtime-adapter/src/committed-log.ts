import type { Json, Window } from '@aftercommit/models';
import type { WriteBatch } from '@aftercommit/persistence';
import { type CommittedRecord, committedLimit, taskKeys } from '@aftercommit/persistence/records';

/** A commit that had documents. */
export type CommittedWindow = {
  number: number;
  window: Window;
  /** Ids of the outboxes that are given its window in the same write. */
  outboxes: string[];
  /** Whether the endpoint committed it, and the task learns of it now. */
  isAdopted: boolean;
};

/**
 * The last commits of which outboxes were told: with them an audit finds what became of each. Where there is no outbox,
 * nothing is kept, and it costs nothing.
 */
export class CommittedLog {
  /** The smallest first. */
  readonly #numbers: number[];

  /** @param entries What is stored under `taskKeys.committed`. */
  constructor(entries: ReadonlyArray<readonly [key: string, value: Json]>) {
    this.#numbers = entries.map(([key]) => Number(key.slice(taskKeys.committed.length)));
  }

  /** Adds the commit to the batch, in place of the oldest. Changes nothing else: the batch may be rolled back. */
  stage(batch: WriteBatch, { number, window, outboxes, isAdopted }: CommittedWindow): void {
    if (outboxes.length === 0) return;
    const record: CommittedRecord = {
      runId: window.run_id,
      docsTotal: window.docs_total,
      bytesTotal: window.bytes_total,
      outboxes,
      previous: this.#numbers.at(-1) ?? null,
      ...(isAdopted ? { adopted: true } : {}),
    };
    batch.put(taskKeys.committedCommit(number), record);
    for (const old of this.#numbers.slice(0, Math.max(0, this.#numbers.length + 1 - committedLimit))) {
      batch.delete(taskKeys.committedCommit(old));
    }
  }

  /** What was staged is committed. */
  add(number: number, outboxes: readonly string[]): void {
    if (outboxes.length === 0) return;
    this.#numbers.push(number);
    if (this.#numbers.length > committedLimit) this.#numbers.splice(0, this.#numbers.length - committedLimit);
  }
}
