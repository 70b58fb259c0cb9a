/**
 * - `ALLOWED_PATH_INVALID`: what is to be allowed is no absolute path, or one with `.`, `..` or `//` in it.
 * - `COMMAND_REFUSED`: a trigger was to be opened whose program nobody allowed, or which is configured wrongly otherwise.
 */
export type CommandErrorCode = 'ALLOWED_PATH_INVALID' | 'COMMAND_REFUSED';

const marker = Symbol.for('aftercommit.CommandError');

/** A command that cannot be run as it was said. */
export class CommandError extends Error {
  /** The same in every copy of the package. */
  override readonly name = 'CommandError';
  /** What went wrong, for programs. */
  readonly code: CommandErrorCode;
  /** What `isCommandError` looks for. */
  readonly [marker] = true;

  /** With a message that says what happened, to what, and what to do. */
  constructor(code: CommandErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Recognises a `CommandError`, also one of another copy of this package. */
export function isCommandError(error: unknown): error is CommandError {
  return typeof error === 'object' && error !== null && marker in error;
}
