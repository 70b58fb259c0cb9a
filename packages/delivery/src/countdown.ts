import type { Clock } from '@aftercommit/registry';

/** Measures a time by the monotonic clock: whatever becomes of the wall clock meanwhile, it takes as long as it should. */
export class Countdown {
  readonly #clock: Clock;
  /** By the monotonic clock. */
  #endsAt: number;

  constructor(clock: Clock, durationMs: number) {
    this.#clock = clock;
    this.#endsAt = clock.monotonic() + durationMs;
  }

  /** Milliseconds until it is over; 0: it is. */
  get leftMs(): number {
    return Math.max(0, this.#endsAt - this.#clock.monotonic());
  }

  /** Begins anew, now. */
  restart(durationMs: number): void {
    this.#endsAt = this.#clock.monotonic() + durationMs;
  }
}
