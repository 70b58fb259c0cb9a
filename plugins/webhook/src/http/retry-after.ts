/** The three forms of an HTTP date (RFC 9110, 5.6.7): today's, and two that must still be understood. */
const httpDates = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * The wait that a `Retry-After` header asks for.
 *
 * @param now The wall clock, in milliseconds since the Unix epoch: a date is measured against it.
 * @returns Milliseconds, 0 or more; undefined without a header and for one that says nothing sensible.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return sensible(Number(text) * 1000);
  if (!httpDates.some((form) => form.test(text))) return undefined;
  // A date without a zone is read as local time, but every HTTP date is in GMT.
  return sensible(Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) - now);
}

/** A wait beyond all measure is still a wait: the core has a longest one. */
function sensible(waitMs: number): number | undefined {
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), Number.MAX_SAFE_INTEGER);
}
