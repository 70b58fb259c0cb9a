/** Two copies of this package know each other's errors by it. */
const marker = Symbol.for('aftercommit.VerificationError');

/**
 * - `VERIFY_HEADER_MISSING`: `webhook-id`, `webhook-timestamp` or `webhook-signature` is not there, or more than once;
 * - `VERIFY_HEADER_INVALID`: the timestamp is no number of seconds, the epoch no number, or there are too many signatures;
 * - `VERIFY_TOO_OLD`, `VERIFY_TOO_NEW`: the timestamp is further from now than is tolerated;
 * - `VERIFY_NO_MATCH`: no signature is that of the request with one of the keys;
 * - `VERIFY_BODY_INVALID`: the body is neither bytes nor a text, but what was made of them;
 * - `VERIFY_KEY_INVALID`: there is no key, or one that cannot be read. This one is the receiver's own mistake.
 */
export type VerificationErrorCode =
  | 'VERIFY_HEADER_MISSING'
  | 'VERIFY_HEADER_INVALID'
  | 'VERIFY_TOO_OLD'
  | 'VERIFY_TOO_NEW'
  | 'VERIFY_NO_MATCH'
  | 'VERIFY_BODY_INVALID'
  | 'VERIFY_KEY_INVALID';

/** A request that must not be believed, or that could not be looked at. The message quotes no key and no signature. */
export class VerificationError extends Error {
  /** The same in every copy of the package. */
  override readonly name = 'VerificationError';
  /** What went wrong, for programs. */
  readonly code: VerificationErrorCode;
  /** What `isVerificationError` looks for. */
  readonly [marker] = true;

  /** With a message for logs, which quotes no key and no signature. */
  constructor(code: VerificationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Whether it is a VerificationError, also of another copy of this package. */
export function isVerificationError(error: unknown): error is VerificationError {
  return error instanceof Error && marker in error;
}
