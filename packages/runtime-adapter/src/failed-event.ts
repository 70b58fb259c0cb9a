/** What is told of an error that ended a session, or kept one from beginning. `code` is the error's own. */
export function failedEvent(error: unknown): { event: 'failed'; code: string; reason: string } {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNEXPECTED';
  return { event: 'failed', code, reason: error instanceof Error ? error.message : String(error) };
}
