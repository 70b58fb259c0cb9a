import { type Document, mergePatch } from '@aftercommit/models';
import type { StoreDocument } from './connector.js';
import type { DocumentKey } from './document-key.js';
import type { MaterializationBinding } from './materialization-options.js';

/** The documents of one key so far, and what is stored under it. */
type Combined = { binding: number; key: DocumentKey; documents: Document[]; loaded: Document | undefined };

/**
 * The documents of one transaction, combined by key. Those that are merged are kept one by one until what is stored is
 * known: two patches cannot be made one without it.
 */
export class CombinedDocuments {
  readonly #bindings: readonly MaterializationBinding[];
  readonly #byKey: Array<Map<string, Combined>>;
  readonly #appended: Combined[] = [];

  constructor(bindings: readonly MaterializationBinding[]) {
    this.#bindings = bindings;
    this.#byKey = bindings.map(() => new Map());
  }

  /** @returns Whether it is the first one of its key. */
  add(binding: number, key: DocumentKey, document: Document): boolean {
    const { isDelta = false, reduce = 'last' } = this.#bindings[binding] ?? {};
    if (isDelta) {
      this.#appended.push({ binding, key, documents: [document], loaded: undefined });
      return false;
    }
    const known = this.#byKey[binding]?.get(key.packed);
    if (known === undefined) {
      this.#byKey[binding]?.set(key.packed, { binding, key, documents: [document], loaded: undefined });
      return true;
    }
    if (reduce === 'last') known.documents = [document];
    else known.documents.push(document);
    return false;
  }

  /** What is stored under a key. One that was not asked for changes nothing. */
  load(binding: number, packed: string, document: Document): void {
    const known = this.#byKey[binding]?.get(packed);
    if (known !== undefined) known.loaded = document;
  }

  /** What is to be stored: one document per key, and every one of a delta binding. */
  async *toStore(): AsyncGenerator<StoreDocument> {
    for (const combined of this.#byKey) for (const one of combined.values()) yield this.#combine(one);
    for (const one of this.#appended) yield this.#combine(one);
  }

  #combine({ binding, key, documents, loaded }: Combined): StoreDocument {
    const { isDelta = false, reduce = 'last' } = this.#bindings[binding] ?? {};
    const isMerged = reduce === 'merge' && !isDelta;
    const document = isMerged ? merge(loaded, documents) : (documents.at(-1) ?? {});
    return { binding, key: key.values, document };
  }
}

function merge(loaded: Document | undefined, documents: readonly Document[]): Document {
  // Patches that are objects make objects.
  return documents.reduce<Document | undefined>((base, patch) => mergePatch(base, patch) as Document, loaded) ?? {};
}
