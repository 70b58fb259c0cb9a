import type { WriteBatch } from '@aftercommit/persistence';
import {
  coverageOf,
  type ParkedRecord,
  parkedLimit,
  type StoredOutbox,
  taskKeys,
} from '@aftercommit/persistence/records';
import type { DoneDeliveries } from './done-deliveries.js';

/**
 * What of an outbox is parked, in the order in which it was committed. What is changed here is in force once the batch is
 * written: a batch that cannot be written ends the session.
 */
export class ParkedDeliveries {
  readonly #outboxId: string;
  #parked: ParkedRecord[];

  constructor({ id, parked }: StoredOutbox) {
    this.#outboxId = id;
    this.#parked = [...parked];
  }

  get all(): ParkedRecord[] {
    return [...this.#parked];
  }

  get count(): number {
    return this.#parked.length;
  }

  get isFull(): boolean {
    return this.#parked.length >= parkedLimit;
  }

  add(batch: WriteBatch, record: ParkedRecord): void {
    const key = taskKeys.parked(this.#outboxId, record.window.run_id);
    // Two windows of one run id cannot both be here: one would overwrite the other (I3).
    batch.requireAbsent(key).put(key, record);
    const behind = this.#parked.findLastIndex(({ window }) => window.run_id < record.window.run_id);
    this.#parked.splice(behind + 1, 0, record);
  }

  /** Takes out those with the idempotency keys, or all. `unknown`: keys of nothing that is parked here. */
  take(batch: WriteBatch, keys: readonly string[] | 'all'): { taken: ParkedRecord[]; unknown: string[] } {
    const isWanted = ({ idempotencyKey }: ParkedRecord): boolean => keys === 'all' || keys.includes(idempotencyKey);
    const taken = this.#parked.filter(isWanted);
    this.#parked = this.#parked.filter((record) => !isWanted(record));
    for (const { window } of taken) batch.delete(taskKeys.parked(this.#outboxId, window.run_id));
    const found = new Set(taken.map(({ idempotencyKey }) => idempotencyKey));
    return { taken, unknown: keys === 'all' ? [] : keys.filter((key) => !found.has(key)) };
  }

  /**
   * A person gives up those with the idempotency keys, or all: it is kept that they did.
   *
   * @param at Now, in milliseconds since the Unix epoch.
   * @returns Keys of nothing that is parked here.
   * @throws StoreError.
   */
  async drop(batch: WriteBatch, keys: readonly string[] | 'all', done: DoneDeliveries, at: number): Promise<string[]> {
    const { taken, unknown } = this.take(batch, keys);
    for (const parked of taken) {
      const { attempts, window } = parked;
      const record = { ended: 'dropped', at, attempts, docsTotal: window.docs_total, ...coverageOf(parked) } as const;
      await done.add(batch, window.run_id, record);
    }
    return unknown;
  }
}
