import { type TaskState, WriteBatch } from '@aftercommit/persistence';
import {
  coverageOf,
  type DeliveryRecord,
  type ParkedRecord,
  type StoredOutbox,
  taskKeys,
} from '@aftercommit/persistence/records';
import type { Clock } from '@aftercommit/registry';
import { untried } from './delivery-round.js';
import { DoneDeliveries } from './done-deliveries.js';
import { ParkedDeliveries } from './parked-deliveries.js';
import { type QueuedWindow, WindowQueue } from './window-queue.js';

/** What a person wants done with what is parked. */
export type ParkedRequest = {
  /** `replay`: attempt it again. `drop`: give it up. */
  request: 'replay' | 'drop';
  /** Idempotency keys; `all`: whatever is parked now. */
  keys: readonly string[] | 'all';
  /** The message it came by: it is deleted in the same write as its effect. */
  messageKey: string;
};

/**
 * An outbox while its lane works on it. Each method that returns a promise is one durable write, and throws a StoreError
 * when that fails: the session is over then.
 */
export class Outbox {
  readonly queue: WindowQueue;
  readonly parked: ParkedDeliveries;
  readonly #done: DoneDeliveries;
  readonly #id: string;
  readonly #state: TaskState;
  readonly #clock: Clock;
  readonly #hasInterval: boolean;
  #delivery: DeliveryRecord | undefined;

  constructor(stored: StoredOutbox, state: TaskState, clock: Clock) {
    this.queue = new WindowQueue(stored);
    this.parked = new ParkedDeliveries(stored);
    this.#done = new DoneDeliveries(stored.id, state);
    this.#id = stored.id;
    this.#state = state;
    this.#clock = clock;
    this.#hasInterval = stored.about.intervalMs !== null;
    this.#delivery = stored.delivery;
  }

  /** How the oldest window stands as a delivery whose content and key are fixed (I4). Undefined: it was not attempted, or not taken yet. */
  get delivery(): DeliveryRecord | undefined {
    return this.#delivery;
  }

  /** Whether the oldest window is a delivery: what it is was fixed (I4), and it waits for no interval. */
  get isDelivering(): boolean {
    return this.#delivery !== undefined || this.queue.oldest?.replayed === true || !this.#hasInterval;
  }

  /** Whether more may fire than so many windows, and those behind them can be united. */
  isBacklogged(limit: number): boolean {
    return this.queue.released > this.queue.firstToUnite(limit - 1) + 1;
  }

  /** I9: what may fire beyond so many windows is united into the last of them, before any attempt, and never dropped (I3). */
  async bound(limit: number): Promise<void> {
    const batch = new WriteBatch();
    this.queue.unite(batch, this.queue.firstToUnite(limit - 1));
    await this.#state.write(batch);
  }

  /** Reads what `clear` needs, once: nothing but its write may lie between an outcome and that (I7). */
  async prepare(): Promise<void> {
    await this.#done.load();
  }

  /** The attempts of the delivery count from 1 again. Stored with its next failure. */
  beginRound(): void {
    if (this.#delivery !== undefined) this.#delivery = { ...this.#delivery, attempts: 0 };
  }

  /** Everything that may fire becomes one delivery, and that it was taken is remembered (I4: before its first attempt). */
  async take(): Promise<void> {
    const batch = new WriteBatch();
    this.queue.unite(batch, 0);
    const runId = this.queue.oldest?.window.run_id ?? '';
    batch.put(taskKeys.delivery(this.#id), untried);
    batch.put(taskKeys.lastFired(this.#id), { at: this.#clock.now(), runId });
    await this.#state.write(batch);
    this.#delivery = untried;
  }

  /** How the delivery stands after an attempt that failed. */
  async noteFailure(record: DeliveryRecord): Promise<void> {
    await this.#state.write(new WriteBatch().put(taskKeys.delivery(this.#id), record));
    this.#delivery = record;
  }

  /** I3, I7: the window leaves, because its delivery succeeded. That it did is kept. */
  async clear(head: QueuedWindow): Promise<void> {
    const batch = new WriteBatch();
    const { run_id: runId, docs_total: docsTotal } = head.window;
    const attempts = (this.#delivery?.attempts ?? 0) + 1;
    const at = this.#clock.now();
    await this.#done.add(batch, runId, { ended: 'delivered', at, attempts, docsTotal, ...coverageOf(head) });
    await this.#remove(head, batch);
  }

  /** I3: the window leaves the queue, and is set aside with what happened. */
  async park(head: QueuedWindow, how: Pick<ParkedRecord, 'attempts' | 'outcome' | 'reason'>): Promise<void> {
    const { idempotencyKey, window } = head;
    const now = this.#clock.now();
    const failingSinceAt = this.#delivery?.failingSinceAt ?? now;
    const batch = new WriteBatch();
    this.parked.add(batch, { idempotencyKey, window, ...coverageOf(head), parkedAt: now, failingSinceAt, ...how });
    await this.#remove(head, batch);
  }

  /**
   * Replays or drops what is parked.
   *
   * @returns Keys under which nothing is parked.
   */
  async answer({ request, keys, messageKey }: ParkedRequest): Promise<string[]> {
    const batch = new WriteBatch().delete(messageKey);
    if (request === 'drop') {
      const unknown = await this.parked.drop(batch, keys, this.#done, this.#clock.now());
      await this.#state.write(batch);
      return unknown;
    }
    const { taken, unknown } = this.parked.take(batch, keys);
    this.queue.putBack(batch, taken, this.#isHeadTried);
    await this.#state.write(batch);
    return unknown;
  }

  /** Whether the oldest window is being tried, or may have been: nothing may be put in front of it (I4, I5). */
  get #isHeadTried(): boolean {
    return this.#delivery !== undefined || (!this.#hasInterval && this.queue.mayHaveFired);
  }

  /** The oldest window leaves the queue, and the next one begins anew. */
  async #remove({ place }: QueuedWindow, batch: WriteBatch): Promise<void> {
    batch.delete(taskKeys.window(this.#id, place));
    if (this.#delivery !== undefined) batch.delete(taskKeys.delivery(this.#id));
    await this.#state.write(batch);
    this.queue.shift();
    this.#delivery = undefined;
  }
}
