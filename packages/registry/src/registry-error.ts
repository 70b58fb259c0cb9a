/**
 * - `KIND_CONTRACT_UNKNOWN`: a kind was written for another version of the contract.
 * - `KIND_NAME_INVALID`: a kind's name is not lower-case and hyphenated.
 * - `KIND_DUPLICATE`: two kinds have the same name.
 * - `KIND_SCHEMA_INVALID`: a kind's schema is not a closed object, declares a field that every trigger has or that marks
 *   sealed configurations, or uses `$ref`, behind which no secret would be found.
 * - `KIND_TEMPLATE_INVALID`: a kind's default template is not a text.
 * - `KIND_FUNCTION_INVALID`: a kind has no `describeTarget` or no `open`, or something else in the place of a function.
 * - `EGRESS_POLICY_INVALID`: an egress policy has an entry, a reach or a proxy that means nothing.
 */
export type RegistryErrorCode =
  | 'KIND_CONTRACT_UNKNOWN'
  | 'KIND_NAME_INVALID'
  | 'KIND_DUPLICATE'
  | 'KIND_SCHEMA_INVALID'
  | 'KIND_TEMPLATE_INVALID'
  | 'KIND_FUNCTION_INVALID'
  | 'EGRESS_POLICY_INVALID';

const marker = Symbol.for('aftercommit.RegistryError');

/** Kinds that cannot work together, or a policy that means nothing. Raised at start, before anything is opened. */
export class RegistryError extends Error {
  /** What went wrong, for programs. */
  readonly code: RegistryErrorCode;
  /** What `isRegistryError` looks for. */
  readonly [marker] = true;

  /** With a message that says what happened, to what, and what to do. */
  constructor(code: RegistryErrorCode, message: string) {
    super(message);
    this.name = 'RegistryError';
    this.code = code;
  }
}

/** Recognises a `RegistryError`, also one of another copy of this package. */
export function isRegistryError(error: unknown): error is RegistryError {
  return typeof error === 'object' && error !== null && marker in error;
}
