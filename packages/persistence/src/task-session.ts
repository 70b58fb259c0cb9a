import type { Json } from '@aftercommit/models';
import type { Fence } from './fence.js';
import { sessionClosedError } from './refusals.js';
import type { TaskState } from './store.js';
import { isStoreError, type StoreError } from './store-error.js';
import { assertWellFormed } from './well-formed.js';
import type { WriteBatch } from './write-batch.js';

/** What a store does for its sessions. Each verb checks the fence in the same snapshot or transaction as its work. */
export interface FencedVerbs {
  /** As `TaskState.get`. */
  get(fence: Fence, key: string): Promise<Json | undefined>;
  /** As `TaskState.list`. */
  list(fence: Fence, prefix: string): Promise<Array<[key: string, value: Json]>>;
  /** Takes what it needs from the batch before it returns its promise: the caller may change the batch afterwards. */
  write(fence: Fence, batch: WriteBatch): Promise<void>;
  /** See `TaskState.onMessage`: checks no fence. */
  onMessage?(fence: Fence, listener: () => void): () => void;
}

/**
 * The life of one session over a store's verbs: it ends for good with the first `STORE_FENCED` or
 * `STORE_OUTCOME_UNKNOWN`, aborts `lost` with it, and lets nothing through afterwards.
 */
export class TaskSession implements TaskState {
  readonly fence: Fence;
  readonly onMessage?: (listener: () => void) => () => void;
  readonly #listening = new Set<() => void>();
  readonly #verbs: FencedVerbs;
  readonly #ending = new AbortController();
  #closed = false;

  /**
   * Begins a session that the store has opened already.
   *
   * @param verbs Those of the store: one object for all of its sessions.
   */
  constructor(fence: Fence, verbs: FencedVerbs) {
    this.fence = fence;
    this.#verbs = verbs;
    if (verbs.onMessage !== undefined) this.onMessage = (listener) => this.#listen(listener);
  }

  get lost(): AbortSignal {
    return this.#ending.signal;
  }

  async get(key: string): Promise<Json | undefined> {
    assertWellFormed('key', key);
    return this.#call(() => this.#verbs.get(this.fence, key));
  }

  async list(prefix: string): Promise<Array<[key: string, value: Json]>> {
    assertWellFormed('prefix', prefix);
    return this.#call(() => this.#verbs.list(this.fence, prefix));
  }

  async write(batch: WriteBatch): Promise<void> {
    // I6: a batch that a fenced session collected must not reach the store through its successor.
    if (batch.fence !== undefined && !sameFence(batch.fence, this.fence)) {
      throw new TypeError(
        `This batch belongs to another session of task ${JSON.stringify(batch.fence.task)} ` +
          `(epoch ${batch.fence.epoch}): collect it again from what the store holds now`,
      );
    }
    return this.#call(() => this.#verbs.write(this.fence, batch));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#listening) stop();
  }

  /** Ends the session for a reason the store learnt outside of its verbs. The first reason stays. */
  end(reason: StoreError): void {
    this.#ending.abort(reason);
  }

  #listen(listener: () => void): () => void {
    const stop = this.#closed ? undefined : this.#verbs.onMessage?.(this.fence, listener);
    if (stop === undefined) return () => undefined;
    const end = (): void => {
      stop();
      this.#listening.delete(end);
    };
    this.#listening.add(end);
    return end;
  }

  /** Starts the verb before it returns, so that verbs begin in the order in which they were called. */
  async #call<Result>(verb: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw sessionClosedError(this.fence.task);
    if (this.lost.aborted) throw this.#errorAfterEnd();
    try {
      return await verb();
    } catch (error) {
      if (isStoreError(error) && endsForGood(error)) this.end(error);
      throw error;
    }
  }

  /** A fenced session stays fenced. One whose outcome is unknown sent nothing this time: that is known. */
  #errorAfterEnd(): unknown {
    const reason: unknown = this.lost.reason;
    if (!isStoreError(reason) || reason.code === 'STORE_FENCED') return reason;
    return sessionClosedError(this.fence.task, reason);
  }
}

function endsForGood(error: StoreError): boolean {
  return error.code === 'STORE_FENCED' || error.code === 'STORE_OUTCOME_UNKNOWN';
}

function sameFence(left: Fence, right: Fence): boolean {
  return left.task === right.task && left.owner === right.owner && left.epoch === right.epoch;
}
