/** Lets several waiters wait for a state that others change: whoever changes it calls `notify`. */
export class Condition {
  #waiting: Array<() => void> = [];

  /** Resolves at the next `notify`. Look at the state again afterwards: it may have changed back. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      // Most often one waits, for long: an array that was pushed to has room for sixteen more.
      this.#waiting = this.#waiting.concat(resolve);
    });
  }

  /** Wakes everybody who waits now. Who begins to wait afterwards waits for the next call. */
  notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves once `holds()`, which is looked at now and after each `notify`. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.wait();
  }
}
