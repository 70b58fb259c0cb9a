/** Who wants to know when a task has messages, by the tasks' names. For stores. */
export class MessageListeners {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Whether anybody listens for the task. */
  has(task: string): boolean {
    return this.#listeners.has(task);
  }

  /** Returns what ends it. A listener that is added twice is called twice. */
  add(task: string, listener: () => void): () => void {
    const call = (): void => listener();
    const known = this.#listeners.get(task) ?? new Set();
    this.#listeners.set(task, known.add(call));
    return () => {
      known.delete(call);
      if (known.size === 0 && this.#listeners.get(task) === known) this.#listeners.delete(task);
    };
  }

  /** Calls the listeners of a task. */
  tell(task: string): void {
    for (const call of [...(this.#listeners.get(task) ?? [])]) call();
  }
}
