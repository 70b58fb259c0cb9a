import type { Json } from '@aftercommit/models';
import { type Source, SourceError, type SourcePage, type SourceReader } from '@aftercommit/runtime-adapter';
import { bytesOf, type Collection } from './collection.js';
import type { SimulatedProcess } from './simulated-process.js';

/** How a process reads the collection. */
export type Reading = {
  /** Waits for what comes later, and never ends. Otherwise it ends with what is there. */
  isFollowing: boolean;
  maxPage: number;
  /** How probable it is that a page cannot be read. */
  failing: number;
};

/** The collection, as one process reads it. A position is how many documents were read. */
export class SimulatedSource implements Source {
  readonly #collection: Collection;
  readonly #process: SimulatedProcess;
  readonly #reading: Reading;

  constructor(collection: Collection, process: SimulatedProcess, reading: Reading) {
    this.#collection = collection;
    this.#process = process;
    this.#reading = reading;
  }

  async open(position: Json | undefined): Promise<SourceReader> {
    const closing = new AbortController();
    let read = Number(position ?? 0);
    return {
      next: async (limit) => {
        const page = await this.#next(read, limit, closing.signal);
        if (page !== undefined) read = Number(page.position);
        return page;
      },
      close: async () => closing.abort(),
    };
  }

  async #next(read: number, limit: number, closing: AbortSignal): Promise<SourcePage | undefined> {
    const { chance, scheduler } = this.#process;
    await this.#process.sleep(chance.durationMs(2), closing);
    if (chance.happens(this.#reading.failing)) {
      throw new SourceError('SOURCE_UNAVAILABLE', 'The simulated source cannot be read at this moment.');
    }
    const { isFollowing, maxPage } = this.#reading;
    while (
      isFollowing &&
      !closing.aborted &&
      (this.#collection[read]?.atMs ?? Number.POSITIVE_INFINITY) > scheduler.nowMs
    ) {
      const waitMs = (this.#collection[read]?.atMs ?? Number.POSITIVE_INFINITY) - scheduler.nowMs;
      await this.#process.sleep(Math.min(waitMs, 3_600_000), closing);
    }
    if (closing.aborted) throw new SourceError('SOURCE_UNAVAILABLE', 'The simulated source was closed.');
    const there = this.#collection
      .slice(read, read + Math.min(limit, maxPage))
      .filter(({ atMs }) => atMs <= scheduler.nowMs);
    if (there.length === 0) return undefined;
    const end = read + there.length;
    return {
      documents: there.map(({ document }) => ({
        document,
        bytes: bytesOf(Number(document['number'])),
        place: String(Number(document['number'])),
      })),
      position: end,
      isCaughtUp: (this.#collection[end]?.atMs ?? Number.POSITIVE_INFINITY) > scheduler.nowMs,
    };
  }
}
