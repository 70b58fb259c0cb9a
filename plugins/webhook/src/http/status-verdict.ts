import type { AttemptOutcome } from '@aftercommit/registry';

/** Asked too early, too often or too slowly: the same request may be accepted later. */
const retriedClientErrors = new Set([408, 425, 429]);

/** What a final status says of the attempt. It alone decides: whatever becomes of the body changes nothing. */
export function verdictOf(status: number): AttemptOutcome['outcome'] {
  if (status >= 200 && status < 300) return 'delivered';
  if (retriedClientErrors.has(status) || (status >= 500 && status < 600)) return 'retry';
  return 'rejected';
}
