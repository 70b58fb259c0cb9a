import { Redactor } from '@aftercommit/registry/redaction';

/** What is told of an error. */
type FailedEvent = { event: 'failed'; code: string; reason: string };

/**
 * What is told of an error that ended a session, or kept one from beginning. `code` is the error's own, or `UNEXPECTED`.
 *
 * I8: an error that nobody foresaw may quote anything. Ours quote no secret, and have words, names and numbers in them that can
 * be those of one.
 */
export function failedEvent(error: unknown, triggers: ReadonlyArray<{ secrets: readonly string[] }>): FailedEvent {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNEXPECTED';
  const reason = error instanceof Error ? error.message : String(error);
  if (isOurs(error)) return { event: 'failed', code, reason };
  const redactor = new Redactor(triggers.flatMap(({ secrets }) => secrets));
  return { event: 'failed', code: redactor.scrub(code), reason: redactor.scrub(reason) };
}

/** Every error class of ours has such a marker, whichever copy of a package it comes from. */
function isOurs(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return Object.getOwnPropertySymbols(error).some((one) => Symbol.keyFor(one)?.startsWith('aftercommit.'));
}
