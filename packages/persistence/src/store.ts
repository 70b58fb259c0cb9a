import type { Json } from '@aftercommit/models';
import type { Fence } from './fence.js';
import type { WriteBatch } from './write-batch.js';

/**
 * What keeps the state of tasks: runtime checkpoints and outboxes. Small, like a write batch of an embedded database:
 * keys in order, values opaque, and one atomic, durable, fenced write. Whoever implements it owes exactly what stands
 * here, and shows it with the conformance cases of `@aftercommit/testkit`.
 *
 * One store holds many tasks, and several processes may have it open. Nothing here assumes one process.
 *
 * Errors are `StoreError`s; each says whether its write was not applied, or cannot be known to be (see its `applied`).
 */
export interface Store {
  /** What it can do. It stays the same as long as the store is open. */
  readonly supports: StoreSupports;

  /** The tasks that were ever opened, sorted. */
  tasks(): Promise<string[]>;

  /**
   * Opens a task for writing and so fences every session that had it open: from now on each of their calls fails with
   * `STORE_FENCED`. The epoch becomes the larger of the last one plus 1 and the wall clock in microseconds: it also
   * rises after the database was restored from a copy or deleted.
   *
   * @param owner A random token, made anew for every call: an epoch alone is no fence when a failover lost one.
   * @param above The epoch is above this one, too: an endpoint has seen it, in an opening that this store lost. Undefined:
   *   nobody knows of any.
   */
  open(task: string, owner: string, above?: bigint): Promise<TaskState>;

  /** All keys and values of a task, one consistent snapshot; `[]` for a task unknown. Fences nobody: for people, never to decide. */
  read(task: string): Promise<Array<[key: string, value: Json]>>;

  /**
   * Leaves a message for whoever has the task open: adds a key under `mailbox/`, after all earlier ones. Fences nobody.
   * The session deletes it in the same write as its effect.
   */
  request(task: string, value: Json): Promise<void>;

  /**
   * Releases the store. What was begun before is settled first, either way. Sessions still open stay valid in
   * the database and can be opened again.
   */
  close(): Promise<void>;
}

/** What a store can do: declared once, and conformance cases that need what is missing are skipped because of it. */
export type StoreSupports = {
  /** What an acknowledged write survives. */
  durability: 'none' | 'process-crash' | 'power-loss' | 'replicated';
  /** Whether several processes can open it. */
  shared: boolean;
  /** The driver whose transactions a batch can be written within (`writeWithin` of the store's package). */
  hostTransaction?: 'better-sqlite3' | 'pg';
};

/** A task opened for writing: one session. */
export interface TaskState {
  /** Who this session is. A batch that is written within a host's transaction carries it. */
  readonly fence: Fence;

  /**
   * Aborts when the session is over for good, with the `StoreError` that ended it as its reason. A session learns that it
   * was fenced from its own next call.
   */
  readonly lost: AbortSignal;

  /** The value of a key, or undefined when there is none. A copy: changing it changes nothing in the store. */
  get(key: string): Promise<Json | undefined>;

  /** All keys that begin with `prefix`, ordered by code point, with their values. */
  list(prefix: string): Promise<Array<[key: string, value: Json]>>;

  /**
   * Applies the batch: all of it or nothing, and only if the task still has this session's owner and epoch. Durable, to
   * the level of `supports.durability`, when it resolves. An empty batch changes nothing and still checks the fence.
   * Writes that are begun one after the other are applied in that order. Those of other sessions may share a transaction
   * with it, and one that is refused touches none of the others.
   */
  write(batch: WriteBatch): Promise<void>;

  /**
   * Calls the listener when it is time to look: a message may have been left since, or the task opened by somebody else.
   * That is at the latest about a second after it was. One call may stand for several, and a call may be for nothing. The
   * listener must not throw.
   *
   * Returns what ends it; the end of the session ends it, too. Undefined: the store tells nobody, and whoever works with
   * the session looks by itself, every second.
   */
  onMessage?(listener: () => void): () => void;

  /** Ends the session. It changes nothing in the store, so it cannot fence or un-fence anybody. */
  close(): Promise<void>;
}
