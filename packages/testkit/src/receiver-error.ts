/**
 * - `RECEIVER_NOT_STARTED`: its process could not listen or ended early.
 * - `RECEIVER_GONE`: it was asked after it ended.
 */
export type ReceiverErrorCode = 'RECEIVER_NOT_STARTED' | 'RECEIVER_GONE';

const marker = Symbol.for('aftercommit.ReceiverError');

/** What went wrong with the receiver's process. */
export class ReceiverError extends Error {
  readonly code: ReceiverErrorCode;
  readonly [marker] = true;

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
