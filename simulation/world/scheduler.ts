type Scheduled = { atMs: number; order: number; happen: (() => void) | undefined };

/**
 * Time of a simulated world: it stands still while code runs, and jumps to the next moment at which something happens.
 * One thing at a time, and all that follows from it through promises, before the next.
 */
export class Scheduler {
  /** A heap: the earliest in front. */
  readonly #events: Scheduled[] = [];
  #nowMs = 0;
  #count = 0;

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Lets something happen after so many milliseconds. Gives back what calls it off. */
  after(delayMs: number, happen: () => void): () => void {
    this.#count += 1;
    const event: Scheduled = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#count, happen };
    this.#push(event);
    return () => {
      event.happen = undefined;
    };
  }

  /**
   * Lets time pass until something has happened, for at most so many milliseconds.
   *
   * @returns Whether it has happened.
   */
  async runUntil(hasHappened: () => boolean, atMostMs: number): Promise<boolean> {
    const endsAtMs = this.#nowMs + atMostMs;
    await promisesRun();
    while (!hasHappened()) {
      const next = this.#events[0];
      if (next === undefined || next.atMs > endsAtMs) {
        this.#nowMs = endsAtMs;
        return false;
      }
      this.#pop();
      if (next.happen === undefined) continue;
      this.#nowMs = next.atMs;
      next.happen();
      await promisesRun();
    }
    return true;
  }

  /** Lets time pass. */
  async runFor(durationMs: number): Promise<void> {
    await this.runUntil(() => false, durationMs);
  }

  #push(event: Scheduled): void {
    const events = this.#events;
    let index = events.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = events[parent];
      if (above === undefined || !isBefore(event, above)) break;
      events[index] = above;
      index = parent;
    }
    events[index] = event;
  }

  #pop(): void {
    const events = this.#events;
    const last = events.pop();
    if (last === undefined || events.length === 0) return;
    let index = 0;
    for (;;) {
      const left = events[2 * index + 1];
      const right = events[2 * index + 2];
      const smaller = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (smaller === undefined || !isBefore(smaller, last)) break;
      events[index] = smaller;
      index = smaller === left ? 2 * index + 1 : 2 * index + 2;
    }
    events[index] = last;
  }
}

function isBefore(one: Scheduled, other: Scheduled): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** Every promise that can go on has gone on before a turn of the event loop is over. */
function promisesRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
