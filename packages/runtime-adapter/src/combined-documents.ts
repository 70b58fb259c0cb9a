import { type Document, mergePatch } from '@aftercommit/models';
import type { KeyValue, StoreDocument } from './connector.js';
import type { DocumentKey } from './document-key.js';
import type { MaterializationBinding } from './materialization-options.js';

/** The documents of one binding, combined by key. */
interface ByKey {
  /** @returns Whether it is the first one of its key. */
  add(key: DocumentKey, document: Document): boolean;
  load(key: DocumentKey, document: Document): void;
  toStore(): Iterable<StoreDocument>;
}

/** The documents of one transaction, combined by key. */
export class CombinedDocuments {
  /** Of the bindings, by index. Undefined: one whose documents are appended. */
  readonly #byKey: ReadonlyArray<ByKey | undefined>;
  readonly #appended: StoreDocument[] = [];

  constructor(bindings: readonly MaterializationBinding[]) {
    this.#byKey = bindings.map(({ isDelta, reduce }, binding) => {
      if (isDelta === true) return undefined;
      return reduce === 'merge' ? new MergedDocuments(binding) : new LastDocuments(binding);
    });
  }

  /** @returns Whether it is the first one of its key. Of what is appended none is. */
  add(binding: number, key: DocumentKey, document: Document): boolean {
    const byKey = this.#byKey[binding];
    if (byKey !== undefined) return byKey.add(key, document);
    this.#appended.push({ binding, key: key.values, document });
    return false;
  }

  /** What is stored under a key. One that was not asked for changes nothing. */
  load(binding: number, key: DocumentKey, document: Document): void {
    this.#byKey[binding]?.load(key, document);
  }

  /** What is to be stored: one document per key, and every one of a delta binding. */
  toStore(): AsyncIterable<StoreDocument> {
    return { [Symbol.asyncIterator]: () => new AtHand(this.#toStore()) };
  }

  *#toStore(): Generator<StoreDocument, undefined> {
    for (const byKey of this.#byKey) if (byKey !== undefined) yield* byKey.toStore();
    yield* this.#appended;
  }
}

/** What is at hand, one by one. An async generator would have each document awaited three times. */
class AtHand implements AsyncIterator<StoreDocument, undefined> {
  readonly #documents: Iterator<StoreDocument, undefined>;

  constructor(documents: Iterator<StoreDocument, undefined>) {
    this.#documents = documents;
  }

  next(): Promise<IteratorResult<StoreDocument, undefined>> {
    try {
      return Promise.resolve(this.#documents.next());
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

/** The last document of each key. */
class LastDocuments implements ByKey {
  readonly #binding: number;
  readonly #documents = new Map<KeyValue, StoreDocument>();

  constructor(binding: number) {
    this.#binding = binding;
  }

  add({ identity, values: key }: DocumentKey, document: Document): boolean {
    const known = this.#documents.get(identity);
    if (known !== undefined) known.document = document;
    else this.#documents.set(identity, { binding: this.#binding, key, document });
    return known === undefined;
  }

  load(): void {}

  toStore(): Iterable<StoreDocument> {
    return this.#documents.values();
  }
}

/**
 * The documents of each key, merged into what is stored. They are kept one by one until that is known: two patches cannot
 * be made one without it.
 */
class MergedDocuments implements ByKey {
  readonly #binding: number;
  readonly #byKey = new Map<
    KeyValue,
    { key: readonly KeyValue[]; patches: Document[]; loaded: Document | undefined }
  >();

  constructor(binding: number) {
    this.#binding = binding;
  }

  add({ identity, values: key }: DocumentKey, document: Document): boolean {
    const known = this.#byKey.get(identity);
    if (known !== undefined) known.patches.push(document);
    else this.#byKey.set(identity, { key, patches: [document], loaded: undefined });
    return known === undefined;
  }

  load({ identity }: DocumentKey, document: Document): void {
    const known = this.#byKey.get(identity);
    if (known !== undefined) known.loaded = document;
  }

  *toStore(): Generator<StoreDocument, undefined> {
    for (const { key, patches, loaded } of this.#byKey.values()) {
      yield { binding: this.#binding, key, document: merge(loaded, patches) };
    }
  }
}

function merge(loaded: Document | undefined, documents: readonly Document[]): Document {
  // Patches that are objects make objects.
  return documents.reduce<Document | undefined>((base, patch) => mergePatch(base, patch) as Document, loaded) ?? {};
}
