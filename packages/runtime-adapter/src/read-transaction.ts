import { type Document, isDocument, type Json } from '@aftercommit/models';
import { CombinedDocuments } from './combined-documents.js';
import type { CommitLoop } from './commit-loop.js';
import type { DocumentKey, ReadKey } from './document-key.js';
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

/** A transaction holds its documents in memory until they are stored: so much of them at most, as they were read. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Reads the next transaction, and meanwhile looks up what is stored under its keys.
 *
 * @param settling Resolves when the transaction before it holds up nothing: until then one goes on reading, to the limits.
 * @returns `ended`: the sources have no more documents. `stopped`: it was given up whole.
 */
export async function readTransaction(
  loop: CommitLoop,
  settling: Promise<void>,
): Promise<ReadTransaction | 'ended' | 'stopped'> {
  const { session, input, limits, interruption } = loop;
  const isAtHand = (): boolean => input.failure !== undefined || input.hasPage || input.isEnded;
  input.request(limits.maxDocs);
  await interruption.until(isAtHand);
  const first = input.take(limits.maxDocs);
  if (interruption.isStopped) return 'stopped';
  if (first === undefined) return 'ended';

  const reading = new TransactionReading(loop, session.begin());
  const closing = new TransactionClosing(loop, settling);
  try {
    for (let page: InputPage | undefined = first; page !== undefined; ) {
      reading.add(page);
      const leftDocs = limits.maxDocs - reading.docs;
      page = leftDocs <= 0 || reading.bytes >= maxBytes ? undefined : await nextPage(loop, closing, leftDocs);
    }
    await reading.loaded();
  } finally {
    closing.cancel();
    reading.endKeys();
  }
  // What is read ahead now, is read while this transaction is stored.
  input.request(limits.maxDocs);
  return interruption.isStopped ? 'stopped' : reading.result;
}

/** Waits for the next page of a transaction; undefined: the transaction has read enough. */
async function nextPage(
  { input, interruption }: CommitLoop,
  closing: TransactionClosing,
  limit: number,
): Promise<InputPage | undefined> {
  input.request(limit);
  await interruption.until(() => input.failure !== undefined || input.hasPage || input.isEnded || closing.isDue);
  return closing.isOver ? undefined : input.take(limit);
}

/** When a transaction has waited long enough for more documents. */
class TransactionClosing {
  readonly #loop: CommitLoop;
  readonly #timers = new AbortController();
  #isSettled = false;
  #isMinOver: boolean;
  #isMaxOver = false;

  constructor(loop: CommitLoop, settling: Promise<void>) {
    this.#loop = loop;
    const { clock, limits, interruption } = loop;
    const { condition } = interruption;
    const after = async (durationMs: number, then: () => void): Promise<void> => {
      await clock.sleep(durationMs, this.#timers.signal);
      then();
      condition.notify();
    };
    this.#isMinOver = limits.minDurationMs === 0;
    if (!this.#isMinOver) void after(limits.minDurationMs, () => (this.#isMinOver = true)).catch(interruption.fail);
    void after(limits.maxDurationMs, () => (this.#isMaxOver = true)).catch(interruption.fail);
    settling.then(() => {
      this.#isSettled = true;
      condition.notify();
    }, interruption.fail);
  }

  /** Its time is over, whatever is at hand. */
  get isOver(): boolean {
    return this.#isMaxOver;
  }

  /** Its time is over, or nothing holds it up and nothing more is at hand. */
  get isDue(): boolean {
    return this.#isMaxOver || (this.#isMinOver && this.#isSettled && this.#loop.input.isCaughtUp);
  }

  cancel(): void {
    this.#timers.abort();
  }
}

/** A transaction while it is read: counts, combines, and has looked up what it has to. */
class TransactionReading {
  readonly #loop: CommitLoop;
  readonly #transaction: Transaction;
  readonly #documents: CombinedDocuments;
  readonly #keys = new KeyQueue();
  readonly #loading: Promise<void>;
  readonly #keyReaders: ReadonlyArray<ReadKey>;
  docs = 0;
  bytes = 0;

  constructor(loop: CommitLoop, transaction: Transaction) {
    this.#loop = loop;
    this.#transaction = transaction;
    this.#documents = new CombinedDocuments(loop.bindings);
    this.#keyReaders = loop.input.keyReaders;
    this.#loading = this.#load();
    this.#loading.catch(loop.interruption.fail);
  }

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
    if (endpoint.mayBeStored(binding, key.packed)) this.#keys.push({ binding, key: key.values });
  }

  async #load(): Promise<void> {
    for await (const { binding, document } of this.#loop.connector.load(this.#keys)) {
      const key = this.#keyReaders[binding]?.(document);
      if (key === undefined || 'problem' in key) {
        const what = key === undefined ? `there is no binding ${binding}` : key.problem;
        throw new SessionError(
          'SESSION_ARGUMENT_INVALID',
          `The connector loaded what is no document of ours: ${what}.`,
        );
      }
      this.#documents.load(binding, key.packed, document);
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
