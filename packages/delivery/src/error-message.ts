/** What somebody else's code threw, as a text. It need not be an error, nor have a text at all. Scrub it before use. */
export function errorMessage(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null) return 'something that is no error was thrown';
  return String(error);
}
