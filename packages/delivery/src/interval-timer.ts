import type { Clock } from '@aftercommit/registry';

/**
 * Measures the interval of a trigger from take to take: inside a session by the monotonic clock, across a restart by wall
 * time, always with the interval configured now.
 */
export class IntervalTimer {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  /** By the monotonic clock. */
  #endsAt: number;
  #sleep: AbortController | undefined;

  /**
   * @param intervalMs 0: there is none, and nothing is ever left of it.
   * @param lastFiredAt When an earlier session took, in milliseconds since the Unix epoch; one in the future counts as
   *   now. Undefined: never.
   */
  constructor(intervalMs: number, lastFiredAt: number | undefined, clock: Clock) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
    const sinceMs = lastFiredAt === undefined ? intervalMs : Math.max(0, clock.now() - lastFiredAt);
    this.#endsAt = clock.monotonic() + Math.max(0, intervalMs - sinceMs);
  }

  /** Milliseconds until the interval is over; 0: it is. */
  get leftMs(): number {
    return Math.max(0, this.#endsAt - this.#clock.monotonic());
  }

  /** Something was taken now. */
  restart(): void {
    this.#endsAt = this.#clock.monotonic() + this.#intervalMs;
  }

  /** Sleeps until the interval is over, or somebody wakes it. Timers may fire early: look at `leftMs` afterwards. */
  async sleep(): Promise<void> {
    this.#sleep = new AbortController();
    await this.#clock.sleep(this.leftMs, this.#sleep.signal);
    this.#sleep = undefined;
  }

  /** Ends a sleep; without one nothing happens. */
  wake(): void {
    this.#sleep?.abort();
  }
}
