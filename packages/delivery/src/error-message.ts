/**
 * What somebody else's code threw, as a text; never throws. It need not be an error, nor have a text at all. Scrub it before
 * use. What it carries beside its message (a cause, the errors of an AggregateError, a stack, properties of its own) may hold
 * a whole request, and goes no further.
 */
export function errorMessage(error: unknown): string {
  try {
    if (error instanceof Error) return String(error.message) || String(error.name);
    if (typeof error === 'object' && error !== null) return 'something that is no error was thrown';
    return String(error);
  } catch {
    // A getter, or a text that is none: then nothing can be said of it.
    return 'something that cannot be read was thrown';
  }
}
