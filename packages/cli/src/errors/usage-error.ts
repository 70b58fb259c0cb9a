/** Arguments, or what they name, cannot be used. Its message says what to do. Nothing was started. */
export class UsageError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UsageError';
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
