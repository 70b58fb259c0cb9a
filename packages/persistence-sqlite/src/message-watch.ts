import { MessageListeners } from '@aftercommit/persistence/implement';
import type { Statements } from './statements.js';

/** Resolves after so many milliseconds, or at once when the signal aborts. */
export type Sleep = (durationMs: number, signal: AbortSignal) => Promise<void>;

/** How often it is looked whether another connection changed the file. */
const lookEveryMs = 1_000;

/**
 * Tells sessions when to look for messages: with one timer for all of them, and none while nobody listens. Looking costs some
 * microseconds as long as no other connection has changed the file.
 */
export class MessageWatch {
  readonly #statements: Pick<Statements, 'dataVersion' | 'standings'>;
  readonly #sleep: Sleep;
  readonly #listeners = new MessageListeners();
  /** How each task stood when it was last looked at: whose it is, and how many messages it was ever sent. */
  readonly #standings = new Map<string, string | undefined>();
  #stop: AbortController | undefined;

  constructor(statements: Pick<Statements, 'dataVersion' | 'standings'>, sleep: Sleep) {
    this.#statements = statements;
    this.#sleep = sleep;
  }

  /** Tells the listener from now on; returns what ends it. */
  listen(task: string, listener: () => void): () => void {
    if (!this.#standings.has(task)) this.#standings.set(task, this.#standingsOf([task]).get(task));
    if (this.#stop === undefined) {
      const stop = new AbortController();
      const dataVersion = this.#statements.dataVersion.get();
      this.#stop = stop;
      void this.#watch(dataVersion, stop.signal);
    }
    const stopListening = this.#listeners.add(task, listener);
    return () => {
      stopListening();
      if (!this.#listeners.has(task)) this.#standings.delete(task);
      if (this.#standings.size === 0) this.stop();
    };
  }

  /** Somebody wrote to the task through this connection. */
  tell(task: string): void {
    this.#listeners.tell(task);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #watch(dataVersion: unknown, signal: AbortSignal): Promise<void> {
    let seen = dataVersion;
    for (;;) {
      await this.#sleep(lookEveryMs, signal);
      if (signal.aborted) return;
      seen = this.#tellChanged(seen);
    }
  }

  #tellChanged(seen: unknown): unknown {
    try {
      const dataVersion = this.#statements.dataVersion.get();
      if (dataVersion === seen) return seen;
      const standings = this.#standingsOf([...this.#standings.keys()]);
      const changed = [...this.#standings.keys()].filter((task) => this.#standings.get(task) !== standings.get(task));
      for (const task of changed) this.#standings.set(task, standings.get(task));
      for (const task of changed) this.#listeners.tell(task);
      return dataVersion;
    } catch {
      // Nobody waits for this look. Sessions look for themselves, and each meets the error where it is handled.
      for (const task of [...this.#standings.keys()]) this.#listeners.tell(task);
      return undefined;
    }
  }

  #standingsOf(tasks: string[]): Map<string, string> {
    return new Map(this.#statements.standings.all(JSON.stringify(tasks)));
  }
}
