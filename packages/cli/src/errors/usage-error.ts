/**
 * What of the arguments, or of what they name, cannot be used.
 *
 * - `USAGE`: the arguments do not go together, or one means nothing.
 * - `NAME_UNKNOWN`: there is no such materialization, trigger, outbox, kind or parked delivery.
 * - `SPEC_UNREADABLE`: a file of the spec is not there, or cannot be read.
 * - `SPEC_INVALID`: the spec has errors.
 * - `STATE_MISSING`: there is no state: nothing was run yet, or with another one.
 */
export type UsageErrorCode = 'USAGE' | 'NAME_UNKNOWN' | 'SPEC_UNREADABLE' | 'SPEC_INVALID' | 'STATE_MISSING';

/** Arguments, or what they name, cannot be used. Its message says what to do. Nothing was started. */
export class UsageError extends Error {
  readonly code: UsageErrorCode;

  /** @param options `code`: for programs. Default: `USAGE`. */
  constructor(message: string, { code = 'USAGE', ...options }: { code?: UsageErrorCode; cause?: unknown } = {}) {
    super(message, options);
    this.name = 'UsageError';
    this.code = code;
  }
}

/** A person pressed Ctrl-C where something was asked. Nothing was started. */
export class InterruptedError extends UsageError {
  constructor(message: string) {
    super(message);
    this.name = 'InterruptedError';
  }
}

/** What the system says of a file: its code and its words, such as `EACCES` and `permission denied`. */
export function systemReason(error: unknown): { code: string; words: string } {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) throw error;
  // `EACCES: permission denied, open '/path'`: the path is said by whoever asks, as it was given.
  const [, words = error.message] = /^\w+: (.*), \w+/.exec(error.message) ?? [];
  return { code: String(error.code), words };
}
