import type { WriteBatch } from '@aftercommit/persistence';
import { coverageOf, type DoneRecord, doneLimit, type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';

/**
 * How the deliveries of an outbox ended, of those with the largest run ids: then each of the last commits finds the one it
 * went into, also when older ones end later. What is changed here is in force once the batch is written: a batch that
 * cannot be written ends the session.
 */
export class DoneDeliveries {
  readonly #outboxId: string;
  /** By run id, the smallest first. */
  #done: StoredOutbox['done'];

  constructor({ id, done }: StoredOutbox) {
    this.#outboxId = id;
    this.#done = [...done];
  }

  get all(): StoredOutbox['done'] {
    return [...this.#done];
  }

  add(batch: WriteBatch, runId: string, record: DoneRecord): void {
    const behind = this.#done.findLastIndex((known) => known.runId < runId);
    const known = this.#done[behind + 1]?.runId === runId ? this.#done[behind + 1] : undefined;
    const merged = known === undefined ? record : again(known, record);
    this.#done.splice(behind + 1, known === undefined ? 0 : 1, { ...merged, runId });
    batch.put(taskKeys.done(this.#outboxId, runId), merged);
    if (this.#done.length <= doneLimit) return;
    const [oldest] = this.#done.splice(0, 1);
    if (oldest !== undefined) batch.delete(taskKeys.done(this.#outboxId, oldest.runId));
  }
}

/** An endpoint of an older copy brought back what had ended already: of which commits that was stays known. */
function again(known: DoneRecord, { ended, at, attempts }: DoneRecord): DoneRecord {
  // What was accepted once stays so.
  const how = known.ended === 'delivered' && ended === 'dropped' ? known : { ended, at, attempts };
  const { docsTotal, maybeSeen } = known;
  const also = maybeSeen === undefined ? { again: true as const } : {};
  return { ended: how.ended, at: how.at, attempts: how.attempts, docsTotal, ...coverageOf(known), ...also };
}
