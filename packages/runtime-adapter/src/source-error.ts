/**
 * - `SOURCE_UNAVAILABLE`: the source cannot be read.
 * - `SOURCE_CHANGED`: what was read before is not there any more as it was.
 * - `DOCUMENT_INVALID`: what was read is no document of its collection.
 */
export type SourceErrorCode = 'SOURCE_UNAVAILABLE' | 'SOURCE_CHANGED' | 'DOCUMENT_INVALID';

const marker = Symbol.for('aftercommit.SourceError');

/** A source that cannot be read, or not go on. Its message says where, why, and what to do; it never shows data. */
export class SourceError extends Error {
  /** What went wrong, for programs. */
  readonly code: SourceErrorCode;
  /** What `isSourceError` looks for. */
  readonly [marker] = true;

  /** With a message that says where it broke, why, and what to do; never with data in it. */
  constructor(code: SourceErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SourceError';
    this.code = code;
  }
}

/** Recognises a `SourceError`, also one of another copy of this package. */
export function isSourceError(error: unknown): error is SourceError {
  return typeof error === 'object' && error !== null && marker in error;
}
