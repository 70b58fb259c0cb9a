/**
 * - `RECEIVER_NOT_STARTED`: its process could not listen or ended early.
 * - `RECEIVER_GONE`: it was asked after it ended.
 */
export type ReceiverErrorCode = 'RECEIVER_NOT_STARTED' | 'RECEIVER_GONE';

const marker = Symbol.for('aftercommit.ReceiverError');

/** What went wrong with the receiver's process. */
export class ReceiverError extends Error {
  /** What went wrong, for programs. */
  readonly code: ReceiverErrorCode;
  /** What `isReceiverError` looks for. */
  readonly [marker] = true;

  /** With a message that says what happened, to what, and what to do. */
  constructor(code: ReceiverErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ReceiverError';
    this.code = code;
  }
}

/** Recognises a `ReceiverError`, also one of another copy of this package. */
export function isReceiverError(error: unknown): error is ReceiverError {
  return typeof error === 'object' && error !== null && marker in error;
}
