/** Where a receiver remembers which deliveries it has done, for itself or for several processes. */
export interface DoneDeliveries {
  /** Whether the work for the key was done. */
  has(idempotencyKey: string): Promise<boolean>;
  /** Remembers that it was. It may forget after some days: nobody repeats for so long. */
  add(idempotencyKey: string): Promise<void>;
}

/** How many keys are remembered in memory: about 1 MB. */
const defaultRemembered = 10_000;

/**
 * Does the work for each delivery once. A delivery that comes while its work is under way waits for that; one whose work was
 * done is dropped; one whose work failed is done again when it comes again, so the receiver must answer it with an error.
 *
 * Work that was done right before a crash, and is not remembered, is done again. Work that must not be is remembered in the
 * transaction that does it.
 */
export class OncePerDelivery {
  readonly #done: DoneDeliveries;
  readonly #underWay = new Map<string, Promise<void>>();

  /**
   * Remembers what is done.
   *
   * @param done Where. Undefined: in memory, of this process alone, the last 10,000.
   */
  constructor(done: DoneDeliveries = new RecentDeliveries(defaultRemembered)) {
    this.#done = done;
  }

  /**
   * Resolves when the work was done, with whether it was for this call. Rejects as the work does, or the memory: then what comes
   * again is done again.
   */
  async run(idempotencyKey: string, work: () => Promise<void>): Promise<'done' | 'repeated'> {
    const underWay = this.#underWay.get(idempotencyKey);
    if (underWay !== undefined) {
      await underWay;
      return 'repeated';
    }
    let isDone = false;
    const running = this.#unlessDone(idempotencyKey, async () => {
      await work();
      isDone = true;
    });
    this.#underWay.set(idempotencyKey, running);
    try {
      await running;
      return isDone ? 'done' : 'repeated';
    } finally {
      this.#underWay.delete(idempotencyKey);
    }
  }

  async #unlessDone(idempotencyKey: string, work: () => Promise<void>): Promise<void> {
    if (await this.#done.has(idempotencyKey)) return;
    await work();
    await this.#done.add(idempotencyKey);
  }
}

/** The last keys, in memory. */
export class RecentDeliveries implements DoneDeliveries {
  readonly #most: number;
  /** In the order in which they were added. */
  readonly #keys = new Set<string>();

  /**
   * Remembers none yet.
   *
   * @param most How many are remembered. Of more, the one that was added first is forgotten.
   */
  constructor(most: number) {
    this.#most = most;
  }

  async has(idempotencyKey: string): Promise<boolean> {
    return this.#keys.has(idempotencyKey);
  }

  async add(idempotencyKey: string): Promise<void> {
    this.#keys.add(idempotencyKey);
    const [oldest] = this.#keys;
    if (this.#keys.size > this.#most && oldest !== undefined) this.#keys.delete(oldest);
  }
}
