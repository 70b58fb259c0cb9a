import type { StagedWindow } from '@aftercommit/delivery/commit-loop';
import type { TaskState, WriteBatch } from '@aftercommit/persistence';
import { type CommitRecord, type RuntimeCheckpoint, taskKeys } from '@aftercommit/persistence/records';

/** What a host staged into a batch. */
export type StagedTransaction = {
  runtimeCheckpoint: RuntimeCheckpoint;
  /** Undefined: the transaction had no documents. */
  window: StagedWindow | undefined;
};

/**
 * What was staged on the last commit. All of it has the same number, whose key must be absent: one of it was committed at most, and
 * whoever committed it, that is known afterwards.
 */
export class StagedTransactions {
  readonly #state: TaskState;
  readonly #staged = new Map<WriteBatch, StagedTransaction>();
  /** Undefined: none was committed through the store, and only the store knows whether the host has committed one. */
  #committed: StagedTransaction | undefined;

  constructor(state: TaskState) {
    this.#state = state;
  }

  add(batch: WriteBatch, staged: StagedTransaction): void {
    this.#staged.set(batch, staged);
  }

  /** The batch was written through the store. */
  noteCommitted(batch: WriteBatch): void {
    this.#committed ??= this.#staged.get(batch);
  }

  /**
   * Which of it was committed, and forgets all of it. Undefined: none.
   *
   * @param number The commit's.
   */
  async takeCommitted(number: number): Promise<StagedTransaction | undefined> {
    if (this.#staged.size === 0) return undefined;
    const committed = this.#committed ?? (await this.#find(number));
    this.#committed = undefined;
    this.#staged.clear();
    return committed;
  }

  /** The host may have rolled back what it wrote within a transaction of its own. */
  async #find(number: number): Promise<StagedTransaction | undefined> {
    const record = await this.#state.get(taskKeys.commit(number));
    if (record === undefined) return undefined;
    const { transactionId } = (record as CommitRecord).runtimeCheckpoint;
    return [...this.#staged.values()].find(
      ({ runtimeCheckpoint }) => runtimeCheckpoint.transactionId === transactionId,
    );
  }
}
