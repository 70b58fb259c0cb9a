/**
 * - `CHECKPOINT_DIVERGED`: store and endpoint disagree on what was committed; neither may go on unasked.
 * - `CHECKPOINT_INVALID`: what the endpoint returned is no runtime checkpoint.
 * - `SESSION_OUT_OF_ORDER`: a moment was announced before the one that must come first, a batch was staged into twice, or
 *   a transaction began before the last commit.
 * - `SESSION_ARGUMENT_INVALID`: what the host gave cannot be used, or not be stored and read back.
 * - `SESSION_CLOSED`: the session was closed before, or during, this call.
 */
export type SessionErrorCode =
  | 'CHECKPOINT_DIVERGED'
  | 'CHECKPOINT_INVALID'
  | 'SESSION_OUT_OF_ORDER'
  | 'SESSION_ARGUMENT_INVALID'
  | 'SESSION_CLOSED';

const marker = Symbol.for('aftercommit.SessionError');

/** A session that cannot be opened, or is used out of order. */
export class SessionError extends Error {
  /** What went wrong, for programs. */
  readonly code: SessionErrorCode;
  /** What `isSessionError` looks for. */
  readonly [marker] = true;

  /** With a message that says what happened, to what, and what to do. */
  constructor(code: SessionErrorCode, message: string) {
    super(message);
    this.name = 'SessionError';
    this.code = code;
  }
}

/** Recognises a `SessionError`, also one of another copy of this package. */
export function isSessionError(error: unknown): error is SessionError {
  return typeof error === 'object' && error !== null && marker in error;
}
