import type { CoordinationClock } from './coordinator.js';

/** Rests that end early when there is something to do. What was said before a rest, while work went on, ends it at once. */
export class WakeableRest {
  readonly #clock: CoordinationClock;
  #nap = new AbortController();
  #isWoken = false;

  constructor(clock: CoordinationClock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#isWoken = true;
    this.#nap.abort();
  }

  /** Work begins: it takes everything into account that was said by now. */
  begin(): void {
    this.#isWoken = false;
  }

  async atMost(durationMs: number): Promise<void> {
    if (this.#isWoken) return;
    this.#nap = new AbortController();
    await this.#clock.sleep(durationMs, this.#nap.signal);
  }
}
