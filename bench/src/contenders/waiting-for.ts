/** Promises for what somebody else will say is done. */
export class WaitingFor {
  readonly #open = new Map<string, { resolve: () => void; reject: (error: unknown) => void }>();

  /** Resolves when `done` is called with this key. */
  key(key: string): Promise<void> {
    return new Promise((resolve, reject) => this.#open.set(key, { resolve, reject }));
  }

  done(key: string): void {
    this.#open.get(key)?.resolve();
    this.#open.delete(key);
  }

  failed(error: unknown): void {
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }
}
