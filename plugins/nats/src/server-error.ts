import { AttemptFailure } from './attempt-failure.js';

/** Of what a server says, enough to understand it. In characters. */
const longestQuote = 300;

/** Errors that come again until somebody changes something, and what to do then. */
const lasting: ReadonlyArray<[message: RegExp, advice: string]> = [
  [/^(?:authorization violation|\w+ authentication (?:expired|revoked))/i, 'Check the credentials'],
  [/^permissions violation for publish/i, 'Let the user publish to the subject'],
  [/^permissions violation for subscription/i, 'Let the user subscribe to its inboxes, or set inboxPrefix'],
  [/^maximum payload violation/i, 'Make the payload shorter, or max_payload of the server larger'],
  [/^maximum control line exceeded/i, 'Make the subject shorter'],
  [/^invalid publish subject/i, 'Correct the subject'],
];

/** What follows from an error that the server told (`-ERR`). One that nobody foresaw may pass. */
export function serverFailure(message: string, where: string): AttemptFailure {
  const quoted = message.length <= longestQuote ? message : `${message.slice(0, longestQuote)}…`;
  const [, advice] = lasting.find(([pattern]) => pattern.test(message)) ?? [];
  if (advice === undefined) return new AttemptFailure('retry', `${where} said: ${quoted}`);
  return new AttemptFailure('rejected', `${where} said: ${quoted}. ${advice}`);
}
