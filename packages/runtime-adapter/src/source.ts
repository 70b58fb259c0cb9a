import type { Document, Json } from '@aftercommit/models';

/**
 * What the documents of a collection are read from, and how far. Whoever implements it owes what stands here.
 */
export interface Source {
  /**
   * Whether it can be read from a position. Undefined: true. False: whatever comes is read as new, and everyone who reads
   * it reads it together.
   */
  readonly isResumable?: boolean;

  /**
   * Begins to read.
   *
   * @param position That of the last page that was committed, unchanged: what follows it is read. Undefined: from the
   *   beginning.
   * @throws SourceError `SOURCE_CHANGED` when what was read before that position is not there any more as it was: a source
   *   never silently begins again; `SOURCE_UNAVAILABLE` when it cannot be read.
   */
  open(position: Json | undefined): Promise<SourceReader>;
}

/** A source being read. */
export interface SourceReader {
  /**
   * The next documents. Resolves as soon as there is at least one, however long that takes; called again only after it has
   * resolved.
   *
   * @param limit The largest number of documents, at least 1.
   * @returns Undefined: the source has come to its end, and what was read is complete.
   * @throws SourceError when it broke off, or what is read is no document: the transaction is given up whole. Also when the
   *   reader is closed meanwhile.
   */
  next(limit: number): Promise<SourcePage | undefined>;

  /** Releases the source. A `next` that waits ends. Also called after an error, and twice. */
  close(): Promise<void>;
}

/** Some documents, in order. */
export type SourcePage = {
  /** At least one. */
  documents: readonly SourceDocument[];
  /** How far the source was read, with these documents. */
  position: Json;
  /** Nothing more is at hand at this moment: a transaction does not wait for what may come later. */
  isCaughtUp: boolean;
};

/** A document as it was read. */
export type SourceDocument = {
  /** What was read. Nobody changes it any more. */
  document: Document;
  /** Its length as read, in bytes. */
  bytes: number;
  /** Where it was read, for messages: `weather.ndjson:17`. */
  place: string;
};
