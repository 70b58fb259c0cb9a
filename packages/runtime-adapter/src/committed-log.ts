import type { Window } from '@aftercommit/models';
import type { TaskState, WriteBatch } from '@aftercommit/persistence';
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
 * nothing is kept, and it costs nothing; nor does it before the first commit of a session.
 */
export class CommittedLog {
  readonly #state: TaskState;
  /** The smallest first. Undefined: not read yet. */
  #numbers: number[] | undefined;
  #loading: Promise<void> | undefined;

  constructor(state: TaskState) {
    this.#state = state;
  }

  get isLoaded(): boolean {
    return this.#numbers !== undefined;
  }

  /**
   * Reads what `stage` needs: once.
   *
   * @throws StoreError.
   */
  async load(): Promise<void> {
    this.#loading ??= this.#read();
    await this.#loading;
  }

  /** Adds the commit to the batch, in place of the oldest. Changes nothing else: the batch may be rolled back. After `load`. */
  stage(batch: WriteBatch, { number, window, outboxes, isAdopted }: CommittedWindow): void {
    if (outboxes.length === 0) return;
    const numbers = this.#loadedNumbers();
    const record: CommittedRecord = {
      runId: window.run_id,
      docsTotal: window.docs_total,
      bytesTotal: window.bytes_total,
      outboxes,
      previous: numbers.at(-1) ?? null,
      ...(isAdopted ? { adopted: true } : {}),
    };
    batch.put(taskKeys.committedCommit(number), record);
    for (const old of numbers.slice(0, Math.max(0, numbers.length + 1 - committedLimit))) {
      batch.delete(taskKeys.committedCommit(old));
    }
  }

  /** What was staged is committed. */
  add(number: number, outboxes: readonly string[]): void {
    if (outboxes.length === 0) return;
    const numbers = this.#loadedNumbers();
    numbers.push(number);
    if (numbers.length > committedLimit) numbers.splice(0, numbers.length - committedLimit);
  }

  #loadedNumbers(): number[] {
    if (this.#numbers === undefined) throw new Error('The log of commits was used before it was read.');
    return this.#numbers;
  }

  async #read(): Promise<void> {
    const entries = await this.#state.list(taskKeys.committed);
    this.#numbers = entries.map(([key]) => Number(key.slice(taskKeys.committed.length)));
  }
}
