/** Two copies of this package know each other's errors by it. */
const marker = Symbol.for('aftercommit.EgressError');

/** A connection that the operator does not allow. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  readonly code = 'EGRESS_REFUSED';
  readonly [marker] = true;

  static is(error: unknown): error is EgressError {
    return error instanceof Error && marker in error;
  }
}
