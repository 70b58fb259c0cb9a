/** What an error is called that nobody meant to happen. */
export type UnexpectedErrorCode = 'UNEXPECTED';

export const unexpectedErrorCode: UnexpectedErrorCode = 'UNEXPECTED';

/** The code of an error that one of our packages throws on purpose. Undefined: nobody meant it to happen, a bug. */
export function ownErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  // Every error class of ours has such a marker, whichever copy of a package it comes from.
  const isOurs = Object.getOwnPropertySymbols(error).some((one) => Symbol.keyFor(one)?.startsWith('aftercommit.'));
  return isOurs ? error.code : undefined;
}
