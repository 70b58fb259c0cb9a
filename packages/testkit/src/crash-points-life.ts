/** Where to die: at the n-th time, from 1, that the point is reached, over all tasks and triggers. */
export type CrashMoment<Point extends string = string> = {
  /** Its name. */
  point: Point;
  /** Which time, from 1. */
  occurrence: number;
};

/** One life of a process: counts the points it comes by, and ends at the planned one. */
export class Life {
  readonly reached = new Map<string, number>();
  readonly #at: CrashMoment | undefined;
  readonly #die: () => void;
  #isOver = false;

  constructor(at: CrashMoment | undefined, die: () => void) {
    this.#at = at;
    this.#die = die;
  }

  async reach(point: string): Promise<void> {
    if (!this.#isOver) {
      const occurrence = (this.reached.get(point) ?? 0) + 1;
      this.reached.set(point, occurrence);
      if (point === this.#at?.point && occurrence === this.#at.occurrence) {
        this.#isOver = true;
        this.#die();
      }
    }
    await this.alive();
  }

  /** Goes on unless this life is over. */
  async alive(): Promise<void> {
    if (this.#isOver) await never();
  }

  /** Does the work unless this life is over; its result is heard only if this life is not over meanwhile. */
  async living<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.alive();
    try {
      return await work();
    } finally {
      await this.alive();
    }
  }

  /** The work, with a point before it and one after it. */
  async between<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    await this.reach(`before-${what}`);
    const result = await this.living(work);
    await this.reach(`after-${what}`);
    return result;
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
