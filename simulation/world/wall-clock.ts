import type { Scheduler } from './scheduler.js';

/** The wall clock of the machine: it passes as time does, and can be set. */
export class WallClock {
  readonly #scheduler: Scheduler;
  #offsetMs = Date.UTC(2024, 0, 1);
  /** When it was last set, in milliseconds since the world began. Undefined: never. */
  lastSetAtMs: number | undefined;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Milliseconds since the Unix epoch. */
  get nowMs(): number {
    return this.#offsetMs + this.#scheduler.nowMs;
  }

  /** Sets it forward, or back when negative. */
  step(byMs: number): void {
    this.#offsetMs += byMs;
    this.lastSetAtMs = this.#scheduler.nowMs;
  }
}
