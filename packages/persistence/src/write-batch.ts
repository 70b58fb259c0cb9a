import type { Json } from '@aftercommit/models';
import type { Fence } from './fence.js';

/**
 * Changes to a task's state that are applied together or not at all. Collecting them touches nothing: a batch that is
 * thrown away leaves nothing to undo. Of several changes to one key the last counts.
 */
export class WriteBatch {
  /** The session this batch belongs to: needed to write it within a host's transaction. Undefined: none in particular. */
  readonly fence: Fence | undefined;
  readonly #changes = new Map<string, Json | undefined>();
  readonly #absent = new Set<string>();

  /**
   * Holds no change yet.
   *
   * @param fence The session that it is for. Undefined: whichever writes it; none can within a host's transaction.
   */
  constructor(fence?: Fence) {
    this.fence = fence;
  }

  /** Sets the key to the value. */
  put(key: string, value: Json): this {
    this.#changes.set(key, value);
    return this;
  }

  /** Removes the key. Removing one that is not there is no error. */
  delete(key: string): this {
    this.#changes.set(key, undefined);
    return this;
  }

  /** The batch is refused with `STORE_KEY_EXISTS` when the key has a value before it. */
  requireAbsent(key: string): this {
    this.#absent.add(key);
    return this;
  }

  /** Keys with their new values; undefined removes the key. */
  get changes(): ReadonlyMap<string, Json | undefined> {
    return this.#changes;
  }

  /** Keys that must have no value before the batch. */
  get requiredAbsent(): ReadonlySet<string> {
    return this.#absent;
  }
}
