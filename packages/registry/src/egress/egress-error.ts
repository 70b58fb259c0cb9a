/** Two copies of this package know each other's errors by it. */
const marker = Symbol.for('aftercommit.EgressError');

/**
 * A connection that the operator does not allow. Its message says which host, what is behind it, and how it is allowed, and
 * is fit to be the reason of a `rejected` attempt. `node:net`, `node:http` and `node:https` report it as it is.
 */
export class EgressError extends Error {
  /** The same in every copy of the package. */
  override readonly name = 'EgressError';
  /** What went wrong, for programs. */
  readonly code = 'EGRESS_REFUSED';
  /** What `EgressError.is` looks for. */
  readonly [marker] = true;

  /** Recognises one, also of another copy of this package. */
  static is(error: unknown): error is EgressError {
    return error instanceof Error && marker in error;
  }
}
