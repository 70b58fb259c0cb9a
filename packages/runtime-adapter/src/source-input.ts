import type { Condition } from '@aftercommit/delivery/commit-loop';
import { canonicalJson, isJsonObject, type Json } from '@aftercommit/models';
import { keyReader, type ReadKey } from './document-key.js';
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

/** What was stored of one binding: the position belongs to the collection that was read. */
type BindingPosition = { collection: string; position: Json };

/**
 * All sources of a task, read side by side, a page ahead. How far is kept for each binding by its resource: one that is
 * added later is read from the beginning.
 */
export class SourceInput {
  readonly #bindings: readonly MaterializationBinding[];
  readonly #readings: Reading[];
  readonly #condition: Condition;
  #failure: { error: unknown } | undefined;
  /** Of resources that are not bound at present: they go on from there when they are again. */
  readonly #unbound: Record<string, Json>;

  /**
   * Contacts nobody: that is `request`.
   *
   * @param position What `position` was at the last commit; undefined: nothing was ever committed.
   * @param condition Notified when a page is at hand, or a source has come to its end or cannot be read.
   * @throws SessionError `CHECKPOINT_INVALID`, or `SESSION_ARGUMENT_INVALID` for a collection without a source.
   */
  constructor(
    bindings: readonly MaterializationBinding[],
    sources: ReadonlyMap<string, Source>,
    position: Json | undefined,
    condition: Condition,
  ) {
    this.#bindings = bindings;
    this.#condition = condition;
    const stored = readPositions(position);
    const readings = new Map<string, Reading>();
    for (const [index, binding] of bindings.entries()) {
      const resource = resourceOf(binding);
      const known = stored.get(resource);
      stored.delete(resource);
      const from = known?.collection === binding.collection ? known.position : undefined;
      const together = canonicalJson([binding.collection, binding.key, from ?? null]);
      const reading = readings.get(together) ?? newReading(binding, sources, from);
      reading.bindings.push(index);
      readings.set(together, reading);
    }
    this.#readings = [...readings.values()];
    this.#unbound = Object.fromEntries(stored);
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
    return { page, bindings, readKey };
  }

  /** Whether something was read that was not taken. */
  get hasPage(): boolean {
    return this.#readings.some(({ page }) => page !== undefined);
  }

  /** Set when a source cannot be read: `take` throws its error. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Reads the key of a binding's documents, for each binding. */
  get keyReaders(): ReadKey[] {
    return this.#bindings.map(({ key }) => keyReader(key));
  }

  /** Whether every source has come to its end, and everything was taken. */
  get isEnded(): boolean {
    return !this.hasPage && this.#readings.every(({ state }) => state === 'ended');
  }

  /** Whether no source has more at hand at this moment. */
  get isCaughtUp(): boolean {
    return !this.hasPage && this.#readings.every(({ state, isCaughtUp }) => state === 'ended' || isCaughtUp);
  }

  /** How far everything was taken. */
  get position(): Json {
    const positions = this.#readings.flatMap(({ bindings, position }) =>
      bindings.flatMap((index) => {
        const binding = this.#bindings[index];
        if (binding === undefined || position === undefined) return [];
        return [[resourceOf(binding), { collection: binding.collection, position }] as const];
      }),
    );
    return { bindings: { ...this.#unbound, ...Object.fromEntries(positions) } };
  }

  /** Whether a binding was read before this session, as far as is known. */
  wasRead(binding: number): boolean {
    return this.#readings.some(({ bindings, position }) => bindings.includes(binding) && position !== undefined);
  }

  /** Releases all sources, also when one cannot be released: its error is thrown then. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.#readings.map(async ({ reader }) => await reader?.close()));
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#condition.notify();
  }

  async #read(reading: Reading, limit: number): Promise<void> {
    reading.reader ??= await reading.source.open(reading.position);
    const page = await reading.reader.next(limit);
    const docs = page?.documents.length ?? 1;
    if (docs === 0 || docs > limit) throw brokenSource(limit, docs);
    reading.page = page;
    reading.state = reading.page === undefined ? 'ended' : 'idle';
    reading.isCaughtUp = reading.page?.isCaughtUp ?? true;
    this.#condition.notify();
  }
}

function newReading(
  { collection, key }: MaterializationBinding,
  sources: ReadonlyMap<string, Source>,
  position: Json | undefined,
): Reading {
  const source = sources.get(collection);
  if (source === undefined) {
    throw new SessionError('SESSION_ARGUMENT_INVALID', `There is no source for collection "${collection}".`);
  }
  const readKey = keyReader(key);
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

function brokenSource(limit: number, docs: number): SessionError {
  const message = `A source was asked for 1 to ${limit} documents and returned ${docs}: it breaks the contract of Source.`;
  return new SessionError('SESSION_ARGUMENT_INVALID', message);
}

function resourceOf({ resourcePath }: MaterializationBinding): string {
  return JSON.stringify(resourcePath);
}

function readPositions(position: Json | undefined): Map<string, BindingPosition> {
  if (position === undefined) return new Map();
  const { bindings } = isJsonObject(position) ? position : {};
  if (!isJsonObject(bindings)) throw foreignPosition();
  return new Map(Object.entries(bindings).map(([resource, stored]) => [resource, bindingPosition(stored)]));
}

function bindingPosition(stored: Json): BindingPosition {
  if (!isJsonObject(stored) || stored['position'] === undefined) throw foreignPosition();
  const { collection, position } = stored;
  if (typeof collection !== 'string') throw foreignPosition();
  return { collection, position };
}

function foreignPosition(): SessionError {
  return new SessionError(
    'CHECKPOINT_INVALID',
    'The position of the last commit is none that materialize() wrote: the task was run by another program. Use another ' +
      'name for the materialization, or go on with that program.',
  );
}
