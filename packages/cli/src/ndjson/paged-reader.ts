import type { Json } from '@aftercommit/models';
import { type SourceDocument, SourceError, type SourcePage, type SourceReader } from '@aftercommit/runtime-adapter';

/** Documents that need no waiting: the next one, which counts as read then. Undefined: there is none any more. */
export type DocumentsAtHand = () => SourceDocument | undefined;

/** Documents in order, as they come to hand, and `pause` where nothing more does before one would have to wait. */
export type DocumentStream = AsyncGenerator<DocumentsAtHand | 'pause', void, void>;

type Pulled = SourceDocument | 'pause' | 'end' | { error: unknown };

/** One document at hand. */
export function single(document: SourceDocument): DocumentsAtHand {
  let next: SourceDocument | undefined = document;
  return () => {
    const given = next;
    next = undefined;
    return given;
  };
}

/** Makes pages of a stream of documents. */
export class PagedReader implements SourceReader {
  readonly #documents: DocumentStream;
  readonly #position: () => Json;
  readonly #pageBytes: number;
  readonly #saysCaughtUp: boolean;
  readonly #closing: AbortController;
  #atHand: DocumentsAtHand = () => undefined;
  #fault: { error: unknown } | undefined;
  /** What was pulled behind the end of a page. */
  #held: Pulled | undefined;

  constructor(options: {
    documents: DocumentStream;
    /** How far the stream was read: at the end of what it gave last. */
    position: () => Json;
    pageBytes: number;
    /** Whether a pause, or the end, means that nothing more is there; a pipe does not tell. */
    saysCaughtUp: boolean;
    /** Aborted by `close`: the stream looks at it wherever it waits. */
    closing: AbortController;
  }) {
    this.#documents = options.documents;
    this.#position = options.position;
    this.#pageBytes = options.pageBytes;
    this.#saysCaughtUp = options.saysCaughtUp;
    this.#closing = options.closing;
  }

  async next(limit: number): Promise<SourcePage | undefined> {
    const documents: SourceDocument[] = [];
    let bytes = 0;
    while (documents.length < limit && bytes < this.#pageBytes) {
      const pulled = this.#pullAtHand() ?? (await this.#pull());
      if (typeof pulled === 'object' && 'document' in pulled) {
        documents.push(pulled);
        bytes += pulled.bytes;
      } else if (documents.length > 0) {
        this.#held = pulled;
        break;
      } else if (pulled === 'end') {
        return undefined;
      } else if (pulled !== 'pause') {
        throw pulled.error;
      }
    }
    // Before anything is looked at that lies behind the page.
    const position = this.#position();
    return { documents, position, isCaughtUp: this.#saysCaughtUp && (await this.#nothingFollows()) };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#documents.return();
  }

  async #nothingFollows(): Promise<boolean> {
    this.#held ??= this.#pullAtHand() ?? (await this.#pull());
    return this.#held === 'pause' || this.#held === 'end';
  }

  /** What can be pulled without waiting. Undefined: that is not known before `pull`. */
  #pullAtHand(): Pulled | undefined {
    if (this.#closing.signal.aborted) return { error: readerClosed() };
    const held = this.#held;
    if (held === undefined) return this.#nextAtHand();
    if (held === 'pause' || (typeof held === 'object' && 'document' in held)) this.#held = undefined;
    return held;
  }

  #nextAtHand(): Pulled | undefined {
    try {
      return this.#atHand();
    } catch (error) {
      // The stream's own error: what it has open is closed then.
      this.#atHand = () => undefined;
      this.#fault = { error };
      return undefined;
    }
  }

  /** An error is a value here: documents that were read before it are handed out first. */
  async #pull(): Promise<Pulled> {
    try {
      for (;;) {
        const { value, done } = await (this.#fault === undefined
          ? this.#documents.next()
          : this.#documents.throw(this.#fault.error));
        if (this.#closing.signal.aborted) return { error: readerClosed() };
        if (done === true || value === undefined) return 'end';
        if (value === 'pause') return value;
        this.#atHand = value;
        const next = this.#nextAtHand();
        if (next !== undefined) return next;
      }
    } catch (error) {
      this.#held = { error };
      return this.#held;
    }
  }
}

/** What a `next` ends with that waits while its reader is closed. */
export function readerClosed(): SourceError {
  return new SourceError('SOURCE_UNAVAILABLE', 'The source was closed while it was read.');
}
