import type { Condition } from '@aftercommit/delivery/commit-loop';
import { canonicalJson, type Document, type Json } from '@aftercommit/models';
import { BindingPositions } from './binding-positions.js';
import { type DocumentKey, keyReader, type ReadKey } from './document-key.js';
import type { MaterializationBinding } from './materialization-options.js';
import { SessionError } from './session-error.js';
import type { Source, SourcePage, SourceReader } from './source.js';

/** A page, and where its documents go. */
export type InputPage = { bindings: readonly number[]; readKey: ReadKey; page: SourcePage };

/** A source being read for one binding, or for several that are equally far. */
type Reading = {
  source: Source;
  bindings: number[];
  readKey: ReadKey;
  reader: SourceReader | undefined;
  /** How far it was taken. */
  position: Json | undefined;
  state: 'idle' | 'reading' | 'ended';
  /** Read, and not taken yet. */
  page: SourcePage | undefined;
  isCaughtUp: boolean;
};

/** All sources of a task, read side by side, a page ahead. */
export class SourceInput {
  readonly #positions: BindingPositions;
  readonly #readings: Reading[];
  readonly #readKeys: readonly ReadKey[];
  readonly #condition: Condition;
  #failure: { error: unknown } | undefined;
  #isClosed = false;

  /**
   * Contacts nobody: that is `request`.
   *
   * @param position What `position` was at the last commit; undefined: nothing was ever committed.
   * @param condition Notified when a page is at hand, or a source has come to its end or cannot be read.
   * @throws SessionError `CHECKPOINT_INVALID`.
   */
  constructor(
    bindings: readonly MaterializationBinding[],
    sources: ReadonlyMap<string, Source>,
    position: Json | undefined,
    condition: Condition,
  ) {
    this.#positions = new BindingPositions(bindings, position);
    this.#readKeys = bindings.map(({ key }) => keyReader(key));
    this.#condition = condition;
    const readings = new Map<string, Reading>();
    for (const [index, binding] of bindings.entries()) {
      const source = sourceOf(binding, sources);
      const from = this.#positions.of(index);
      // What cannot be read from a position is there once, whoever reads it.
      const where = source.isResumable === false ? 'anywhere' : (from ?? null);
      const together = canonicalJson([binding.collection, binding.key, where]);
      const reading = readings.get(together) ?? newReading(source, keyReader(binding.key), from);
      reading.bindings.push(index);
      readings.set(together, reading);
    }
    this.#readings = [...readings.values()];
  }

  /** Begins to read where nothing is being read and nothing is at hand, so many documents at most. */
  request(limit: number): void {
    for (const reading of this.#readings) {
      if (reading.state !== 'idle' || reading.page !== undefined) continue;
      reading.state = 'reading';
      void this.#read(reading, limit).catch((error: unknown) => this.#fail(error));
    }
  }

  /**
   * A page that is at hand and has not more documents than the limit. Undefined: there is none.
   *
   * @throws What a source threw.
   */
  take(limit: number): InputPage | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    const index = this.#readings.findIndex(({ page }) => page !== undefined && page.documents.length <= limit);
    const [reading] = index === -1 ? [] : this.#readings.splice(index, 1);
    if (reading?.page === undefined) return undefined;
    // Behind all others, so that one source that is always ready starves none.
    this.#readings.push(reading);
    const { page, bindings, readKey } = reading;
    reading.page = undefined;
    reading.position = page.position;
    for (const binding of bindings) this.#positions.set(binding, page.position);
    return { page, bindings, readKey };
  }

  /** Whether there is something to take, or nothing will come any more, or a source failed, which `take` throws. */
  get hasNews(): boolean {
    return this.#failure !== undefined || this.#hasPage || this.#isEnded;
  }

  /** Whether no source has more at hand at this moment. */
  get isCaughtUp(): boolean {
    return !this.#hasPage && this.#readings.every(({ state, isCaughtUp }) => state === 'ended' || isCaughtUp);
  }

  /** How far everything was taken. */
  get position(): Json {
    return this.#positions.all;
  }

  /** Whether documents were taken for a binding before, as far as is known. */
  wasRead(binding: number): boolean {
    return this.#positions.of(binding) !== undefined;
  }

  /** The key of a document of the binding; undefined: there is no such binding. */
  keyOf(binding: number, document: Document): DocumentKey | { problem: string } | undefined {
    return this.#readKeys[binding]?.(document);
  }

  /** Releases all sources, also when one cannot be released: its error is thrown then. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = await Promise.allSettled(this.#readings.map(async ({ reader }) => await reader?.close()));
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  }

  get #hasPage(): boolean {
    return this.#readings.some(({ page }) => page !== undefined);
  }

  get #isEnded(): boolean {
    return this.#readings.every(({ state }) => state === 'ended');
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#condition.notify();
  }

  async #read(reading: Reading, limit: number): Promise<void> {
    reading.reader ??= await reading.source.open(reading.position);
    // Nobody waited for it to open, which may take long: it is released now.
    if (this.#isClosed) return await reading.reader.close();
    const page = await reading.reader.next(limit);
    const docs = page?.documents.length ?? 1;
    if (docs === 0 || docs > limit) throw brokenSource(limit, docs);
    reading.page = page;
    reading.state = page === undefined ? 'ended' : 'idle';
    reading.isCaughtUp = page?.isCaughtUp ?? true;
    this.#condition.notify();
  }
}

function newReading(source: Source, readKey: ReadKey, position: Json | undefined): Reading {
  return {
    source,
    bindings: [],
    readKey,
    reader: undefined,
    position,
    state: 'idle',
    page: undefined,
    isCaughtUp: false,
  };
}

function sourceOf({ collection }: MaterializationBinding, sources: ReadonlyMap<string, Source>): Source {
  const source = sources.get(collection);
  if (source !== undefined) return source;
  throw new SessionError('SESSION_ARGUMENT_INVALID', `There is no source for collection "${collection}".`);
}

function brokenSource(limit: number, docs: number): SessionError {
  const message = `A source was asked for 1 to ${limit} documents and returned ${docs}: it breaks the contract of Source.`;
  return new SessionError('SESSION_ARGUMENT_INVALID', message);
}
