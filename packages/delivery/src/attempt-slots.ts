/**
 * How many attempts may be in flight at a time, over all lanes and sessions that share it: a process with thousands of tasks
 * does not open thousands of connections when it comes back after an outage. First come, first served.
 *
 * Lanes that wait for a slot delay each other, so give it more slots than there are receivers that may hang.
 */
export class AttemptSlots {
  readonly #most: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  /**
   * @param most At least 1.
   * @throws RangeError when it is no such number.
   */
  constructor(most: number) {
    if (!Number.isSafeInteger(most) || most < 1) {
      throw new RangeError(
        `AttemptSlots: the number of attempts at a time is a whole number, at least 1, and not ${most}.`,
      );
    }
    this.#most = most;
  }

  /** How many are taken now. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Waits for a slot, and takes it.
   *
   * @returns Whether it was taken; false: the signal aborted before.
   */
  async take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#taken < this.#most) {
      this.#taken += 1;
      return true;
    }
    return await new Promise((resolve) => {
      const given = (): void => {
        signal.removeEventListener('abort', givenUp);
        resolve(true);
      };
      const givenUp = (): void => {
        this.#waiting.delete(given);
        resolve(false);
      };
      this.#waiting.add(given);
      signal.addEventListener('abort', givenUp, { once: true });
    });
  }

  /** Gives a slot back: whoever has waited longest has it now. */
  free(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#taken -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
