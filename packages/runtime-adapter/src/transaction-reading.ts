import { type Document, isDocument, type Json } from '@aftercommit/models';
import { CombinedDocuments } from './combined-documents.js';
import type { CommitLoop } from './commit-loop-parts.js';
import { type DocumentKey, packedKey, type ReadKey } from './document-key.js';
import { KeyQueue } from './key-queue.js';
import { SessionError } from './session-error.js';
import type { SourceDocument } from './source.js';
import { SourceError } from './source-error.js';
import type { InputPage } from './source-input.js';
import type { Transaction } from './transaction.js';

/** A transaction that was read, with what was stored under its keys. */
export type ReadTransaction = {
  transaction: Transaction;
  documents: CombinedDocuments;
  /** How far the sources were read. */
  position: Json;
};

/** A transaction while it is read: counts, combines, and has looked up what it has to. */
export class TransactionReading {
  readonly #loop: CommitLoop;
  readonly #transaction: Transaction;
  readonly #documents: CombinedDocuments;
  readonly #keys = new KeyQueue();
  readonly #loading: Promise<void>;
  docs = 0;
  bytes = 0;

  constructor(loop: CommitLoop, transaction: Transaction) {
    this.#loop = loop;
    this.#transaction = transaction;
    this.#documents = new CombinedDocuments(loop.bindings);
    this.#loading = this.#load();
    this.#loading.catch(loop.interruption.fail);
  }

  /** @throws SourceError `DOCUMENT_INVALID` for a document without its key. */
  add({ page, bindings, readKey }: InputPage): void {
    for (const source of page.documents) {
      const key = keyOf(source, readKey);
      this.#transaction.add(bindings, { bytes: source.bytes, uuid: uuidOf(source.document) });
      this.docs += 1;
      this.bytes += source.bytes;
      for (const binding of bindings) this.#combine(binding, key, source.document);
    }
  }

  /** No key follows. */
  endKeys(): void {
    this.#keys.end();
  }

  /** Resolves when everything that is stored under the keys is known, or it is stopped. */
  async loaded(): Promise<void> {
    this.endKeys();
    await this.#loop.interruption.orStopped(this.#loading);
  }

  get result(): ReadTransaction {
    return { transaction: this.#transaction, documents: this.#documents, position: this.#loop.input.position };
  }

  #combine(binding: number, key: DocumentKey, document: Document): void {
    const { bindings, endpoint } = this.#loop;
    const isFirst = this.#documents.add(binding, key, document);
    // Only what is merged has to know what is stored.
    if (!isFirst || bindings[binding]?.reduce !== 'merge') return;
    if (endpoint.mayBeStored(binding, packedKey(key.values))) this.#keys.push({ binding, key: key.values });
  }

  async #load(): Promise<void> {
    for await (const { binding, document } of this.#loop.connector.load(this.#keys)) {
      const key = this.#loop.input.keyOf(binding, document);
      if (key === undefined || 'problem' in key) {
        const what = key === undefined ? `there is no binding ${binding}` : key.problem;
        throw new SessionError(
          'SESSION_ARGUMENT_INVALID',
          `The connector loaded what is no document of ours: ${what}.`,
        );
      }
      this.#documents.load(binding, key, document);
    }
  }
}

function keyOf({ document, place }: SourceDocument, readKey: ReadKey): DocumentKey {
  const key = readKey(document);
  if (!('problem' in key)) return key;
  throw new SourceError(
    'DOCUMENT_INVALID',
    `${place}: the document cannot be stored, because ${key.problem}. Nothing of its transaction was stored. Correct the ` +
      'document, or the key of its collection.',
  );
}

function uuidOf({ _meta: meta }: Document): string | undefined {
  if (meta === undefined || !isDocument(meta)) return undefined;
  const { uuid } = meta;
  return typeof uuid === 'string' ? uuid : undefined;
}
