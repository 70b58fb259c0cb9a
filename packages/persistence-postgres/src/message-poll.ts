import { type Fence, isStoreError } from '@aftercommit/persistence';
import { MessageListeners } from '@aftercommit/persistence/implement';

/** Resolves after so many milliseconds, or at once when the signal aborts. */
export type Sleep = (durationMs: number, signal: AbortSignal) => Promise<void>;

/** Whose a task is, and how many messages it was ever sent. */
export type Standing = Pick<Fence, 'task' | 'owner' | 'epoch'> & { readonly messages: bigint };

/** How often it is looked whether tasks stand otherwise. */
const lookEveryMs = 1_000;

/**
 * Tells sessions when to look for messages, with one query a second for all of them, and none while nobody listens.
 *
 * Notifications of PostgreSQL would not save it: they are lost with their connection, and make commits wait for each other.
 */
export class MessagePoll {
  readonly #changed: (seen: readonly Standing[]) => Promise<Standing[]>;
  readonly #sleep: Sleep;
  readonly #listeners = new MessageListeners();
  /** How each task stood when it was last looked at. */
  readonly #standings = new Map<string, Standing>();
  #stop: AbortController | undefined;

  /** @param changed Returns how tasks stand, of those that do not stand as they are given. */
  constructor(changed: (seen: readonly Standing[]) => Promise<Standing[]>, sleep: Sleep) {
    this.#changed = changed;
    this.#sleep = sleep;
  }

  /** Tells the listener from now on of what has changed since the task stood so; returns what ends it. */
  listen(standing: Standing, listener: () => void): () => void {
    const { task } = standing;
    if (!this.#standings.has(task)) this.#standings.set(task, standing);
    if (this.#stop === undefined) {
      this.#stop = new AbortController();
      void this.#look(this.#stop.signal);
    }
    const stopListening = this.#listeners.add(task, listener);
    return () => {
      stopListening();
      if (!this.#listeners.has(task)) this.#standings.delete(task);
      if (this.#standings.size === 0) this.stop();
    };
  }

  /** This process wrote to the task. */
  tell(task: string): void {
    this.#listeners.tell(task);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #look(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#sleep(lookEveryMs, signal);
      if (signal.aborted) return;
      const changed = await this.#changedOrNone();
      if (signal.aborted) return;
      // Whoever stopped listening meanwhile is not remembered again.
      for (const standing of changed)
        if (this.#standings.has(standing.task)) this.#standings.set(standing.task, standing);
      for (const { task } of changed) this.#listeners.tell(task);
    }
  }

  /** An idle task need not end because the database is away for a while: the next look finds it all. */
  async #changedOrNone(): Promise<Standing[]> {
    try {
      return await this.#changed([...this.#standings.values()]);
    } catch (error) {
      if (isStoreError(error)) return [];
      throw error;
    }
  }
}
