const nanosPerSecond = 1_000_000_000n;
const rfc3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/;

/**
 * Nanoseconds since the Unix epoch of a UTC timestamp such as `2024-01-01T00:00:00.12Z`. Timestamps are compared
 * through this, never as text: as text `…20Z` sorts after `…20.5Z`.
 *
 * @throws RangeError when the text is not a UTC timestamp of RFC 3339 with at most nine fraction digits.
 */
export function parseTimestamp(text: string): bigint {
  const match = rfc3339.exec(text);
  const milliseconds = match?.[1] === undefined ? Number.NaN : Date.parse(`${match[1]}Z`);
  if (Number.isNaN(milliseconds)) throw new RangeError(`"${text}" is not a UTC timestamp of RFC 3339`);
  const fraction = BigInt((match?.[2] ?? '').padEnd(9, '0'));
  return BigInt(milliseconds) * 1_000_000n + fraction;
}

/** The timestamp of nanoseconds since the Unix epoch: UTC with `Z`, a fraction only when there is one, no trailing zeros. */
export function formatTimestamp(nanos: bigint): string {
  const [seconds, rest] = split(nanos, nanosPerSecond);
  const fraction = rest.toString().padStart(9, '0').replace(/0+$/, '');
  return `${wholeSeconds(seconds)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** A run id: the timestamp of microseconds since the Unix epoch, with exactly six fraction digits and `Z`. */
export function formatRunId(micros: bigint): string {
  const [seconds, rest] = split(micros, 1_000_000n);
  return `${wholeSeconds(seconds)}.${rest.toString().padStart(6, '0')}Z`;
}

/** Microseconds since the Unix epoch of a run id. */
export function parseRunId(runId: string): bigint {
  return parseTimestamp(runId) / 1_000n;
}

function wholeSeconds(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().slice(0, 19);
}

/** Floor division, so that the rest is never negative: also before 1970. */
function split(value: bigint, unit: bigint): [whole: bigint, rest: bigint] {
  const rest = ((value % unit) + unit) % unit;
  return [(value - rest) / unit, rest];
}
