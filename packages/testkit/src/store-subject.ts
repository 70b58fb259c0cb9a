import type { Store } from '@aftercommit/persistence';

/**
 * A store under test: how to make one, and what can be done to it. What is missing is skipped, and what the store says
 * it supports must not be missing.
 */
export interface StoreSubject {
  /** A fresh and empty store, with the time that it is given. */
  create(options?: StoreTime): Promise<Store>;

  /** Closes the store and opens the same data again, as another process would. For every durability but `none`. */
  reopen?(store: Store): Promise<Store>;

  /** Another handle on the same data, as another process would have, while the first stays open. For `shared` stores. */
  second?(store: Store): Promise<Store>;

  /**
   * Loses a task and all it holds behind the open store's back, as a failover to a copy that never had it would.
   * Without it nobody shows that an epoch that is given out twice fences.
   */
  forget?(store: Store, task: string): Promise<void>;

  /** Makes the next write of any session lose its request or its reply. For stores that are reached over a network. */
  fail?(store: Store, fault: StoreFault): Promise<void>;
}

/** The time of a store under test. A store that needs no timer has no use for `sleep`. */
export type StoreTime = {
  /** The wall clock in milliseconds since 1970. Default: the real one. */
  now?: () => number;
  /** Resolves after so many milliseconds, or at once when the signal aborts. Default: a real timer. */
  sleep?: (durationMs: number, signal?: AbortSignal) => Promise<void>;
};

/** What a network does to a call: the request never arrives and the caller knows it; or the reply never comes back. */
export type StoreFault = 'lost-request' | 'lost-reply';
