/**
 * - `STORE_FENCED`: the task was opened by a newer session. Stop for ever.
 * - `STORE_OUTCOME_UNKNOWN`: the reply to a write was lost. The session is over; open again and read what is there.
 * - `STORE_KEY_EXISTS`: a key that had to be absent has a value.
 * - `STORE_UNAVAILABLE`: the store cannot be reached or written; nothing was sent.
 * - `STORE_LOCKED`: somebody else holds the database locked for longer than we wait.
 * - `STORE_CORRUPT`: what is stored cannot be read back.
 * - `STORE_SCHEMA_UNKNOWN`: the database was written by another version of this package.
 * - `STORE_NOT_DURABLE`: a host's transaction would lose acknowledged commits in a power cut.
 * - `STORE_CLOSED`: the store or the session was closed before this call.
 */
export type StoreErrorCode =
  | 'STORE_FENCED'
  | 'STORE_OUTCOME_UNKNOWN'
  | 'STORE_KEY_EXISTS'
  | 'STORE_UNAVAILABLE'
  | 'STORE_LOCKED'
  | 'STORE_CORRUPT'
  | 'STORE_SCHEMA_UNKNOWN'
  | 'STORE_NOT_DURABLE'
  | 'STORE_CLOSED';

const marker = Symbol.for('aftercommit.StoreError');

/** What went wrong in a store, and whether the write it happened to was applied. */
export class StoreError extends Error {
  /** What went wrong, for programs. */
  readonly code: StoreErrorCode;
  /** What `isStoreError` looks for. */
  readonly [marker] = true;

  /** With a message that says what happened, to what, and what to do. */
  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }

  /** Whether the write was applied. A lost reply, or a commit that failed in the middle, leaves it unknown. */
  get applied(): 'no' | 'unknown' {
    return this.code === 'STORE_OUTCOME_UNKNOWN' ? 'unknown' : 'no';
  }

  /** Whether the session that met this error is over, and its task must be opened again. */
  get endsSession(): boolean {
    return this.code === 'STORE_FENCED' || this.code === 'STORE_OUTCOME_UNKNOWN' || this.code === 'STORE_CLOSED';
  }
}

/** Recognises a `StoreError`, also one of another copy of this package. */
export function isStoreError(error: unknown): error is StoreError {
  return typeof error === 'object' && error !== null && marker in error;
}
