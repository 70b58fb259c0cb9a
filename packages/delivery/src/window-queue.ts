import { uniteWindows } from '@aftercommit/models';
import type { WriteBatch } from '@aftercommit/persistence';
import {
  coverageOf,
  placeBehind,
  type StoredOutbox,
  taskKeys,
  type WindowRecord,
} from '@aftercommit/persistence/records';

/** A window in its place: the run id of its transaction, unless it was put behind another one. */
export type QueuedWindow = StoredOutbox['windows'][number];

/**
 * The windows of an outbox, oldest first: those that may fire, and behind them those that committed and are not yet
 * visible in the endpoint (I2). What is changed here is in force once the batch is written: a batch that cannot be
 * written ends the session.
 */
export class WindowQueue {
  readonly #outboxId: string;
  readonly #windows: QueuedWindow[];
  /** How many from the front may fire. */
  #released = 0;
  /** Whether anything may fire already in this session. */
  #isReleased = false;

  constructor({ id, windows }: StoredOutbox) {
    this.#outboxId = id;
    this.#windows = [...windows];
  }

  /** All windows, also those that may not fire yet. */
  get held(): number {
    return this.#windows.length;
  }

  /** How many may fire. */
  get released(): number {
    return this.#released;
  }

  /** The oldest window, if it may fire. */
  get head(): QueuedWindow | undefined {
    return this.#released > 0 ? this.#windows[0] : undefined;
  }

  /** The oldest window, whether it may fire or not. */
  get oldest(): QueuedWindow | undefined {
    return this.#windows[0];
  }

  /** Whether the oldest window may have been attempted, if its lane waits for no interval. */
  get mayHaveFired(): boolean {
    return this.#windows.length > 0 && (this.#released > 0 || !this.#isReleased);
  }

  /** A window was committed. */
  add(window: QueuedWindow): void {
    this.#windows.push(window);
  }

  /** Everything committed so far may fire. */
  release(): void {
    this.#isReleased = true;
    this.#released = this.#windows.length;
  }

  /** The oldest window left the outbox. */
  shift(): void {
    this.#windows.shift();
    this.#released -= 1;
  }

  /** The first window that may be united: not before a place, and behind all that may fire and must stay alone. */
  firstToUnite(from: number): number {
    return Math.max(from, 1 + this.#windows.findLastIndex((window, at) => at < this.#released && staysAlone(window)));
  }

  /**
   * Unites the windows that may fire, from one place to the next that holds one that must stay alone, into one, which
   * keeps the key, place and run id of its first.
   */
  unite(batch: WriteBatch, from: number): void {
    const alone = this.#windows.findIndex((window, at) => at >= from && staysAlone(window));
    const end = alone === -1 ? this.#released : Math.min(alone, this.#released);
    const [first, ...rest] = this.#windows.slice(from, end);
    const last = rest.at(-1);
    if (first === undefined || last === undefined) return;
    const window = rest.reduce((union, next) => uniteWindows(union, next.window), first.window);
    for (const { place } of rest) batch.delete(taskKeys.window(this.#outboxId, place));
    const { idempotencyKey, place } = first;
    const union: WindowRecord = { idempotencyKey, window, through: last.through ?? last.window.run_id };
    batch.put(taskKeys.window(this.#outboxId, place), union);
    this.#windows.splice(from, rest.length + 1, { ...union, place });
    this.#released -= rest.length;
  }

  /**
   * Puts windows back that were parked: in front of all that were not attempted, behind those that were put back before.
   *
   * @param isHeadTried Whether the oldest window is a delivery being tried, and stays in front of them.
   */
  putBack(batch: WriteBatch, replayed: readonly WindowRecord[], isHeadTried: boolean): void {
    let at = this.#placeToPutBack(replayed, isHeadTried);
    for (const parked of replayed) {
      const { idempotencyKey, window } = parked;
      const before = this.#windows[at - 1];
      // In front of all others it returns to where it was: whatever is left there committed after it.
      const place = before === undefined ? window.run_id : placeBehind(before.place);
      const record: WindowRecord = { idempotencyKey, window, ...coverageOf(parked), replayed: true };
      const key = taskKeys.window(this.#outboxId, place);
      batch.requireAbsent(key).put(key, record);
      this.#windows.splice(at, 0, { ...record, place });
      // It was visible when it was first attempted; but nothing fires before the first `release` of a session.
      if (this.#isReleased && at <= this.#released) this.#released += 1;
      at += 1;
    }
  }

  #placeToPutBack([first]: readonly WindowRecord[], isHeadTried: boolean): number {
    const runId = first?.window.run_id ?? '';
    // One that an endpoint of an older copy brought along can stand there with a lower run id: places must rise.
    const staysInFront = ({ replayed, place }: QueuedWindow): boolean => replayed === true || place < runId;
    const at = this.#windows.findIndex((window, index) => !(isHeadTried && index === 0) && !staysInFront(window));
    return at === -1 ? this.#windows.length : at;
  }
}

/** I4: a receiver may have seen its key, and would drop a union under it as a repetition. */
function staysAlone({ maybeSeen, replayed }: WindowRecord): boolean {
  return maybeSeen === true || replayed === true;
}
