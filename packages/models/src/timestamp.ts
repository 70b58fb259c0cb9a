const nanosPerSecond = 1_000_000_000n;
const rfc3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/;

/** 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: a timestamp has four digits for the year. */
const firstSecond = -62_167_219_200n;
const lastSecond = 253_402_300_799n;

/**
 * Nanoseconds since the Unix epoch of a UTC timestamp such as `2024-01-01T00:00:00.12Z`. Timestamps are compared
 * through this, never as text: as text `…20Z` sorts after `…20.5Z`.
 *
 * @throws RangeError when the text is not a UTC timestamp of RFC 3339 with at most nine fraction digits, or names a day
 *   that its month does not have.
 */
export function parseTimestamp(text: string): bigint {
  const [, second = '', fraction = ''] = rfc3339.exec(text) ?? [];
  const milliseconds = Date.parse(`${second}Z`);
  // Date reads February 30 as March 1: what it read must be what was written.
  if (Number.isNaN(milliseconds) || wholeSeconds(BigInt(milliseconds) / 1_000n) !== second) {
    throw new RangeError(`"${text}" is not a UTC timestamp of RFC 3339`);
  }
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/**
 * The timestamp of nanoseconds since the Unix epoch: UTC with `Z`, a fraction only when there is one, no trailing zeros.
 *
 * @throws RangeError outside the years 0 to 9999.
 */
export function formatTimestamp(nanos: bigint): string {
  const [seconds, rest] = split(nanos, nanosPerSecond);
  const fraction = rest.toString().padStart(9, '0').replace(/0+$/, '');
  return `${wholeSeconds(seconds)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/**
 * A run id: the timestamp of microseconds since the Unix epoch, with exactly six fraction digits and `Z`.
 *
 * @throws RangeError outside the years 0 to 9999.
 */
export function formatRunId(micros: bigint): string {
  const [seconds, rest] = split(micros, 1_000_000n);
  return `${wholeSeconds(seconds)}.${rest.toString().padStart(6, '0')}Z`;
}

/**
 * Microseconds since the Unix epoch of a run id. What is below a microsecond is dropped.
 *
 * @throws RangeError when the text is not a UTC timestamp of RFC 3339.
 */
export function parseRunId(runId: string): bigint {
  return split(parseTimestamp(runId), 1_000n)[0];
}

function wholeSeconds(seconds: bigint): string {
  if (seconds < firstSecond || seconds > lastSecond) {
    throw new RangeError(`${seconds} seconds from the Unix epoch are outside the years 0 to 9999`);
  }
  return new Date(Number(seconds) * 1_000).toISOString().slice(0, 19);
}

/** Floor division, so that the rest is never negative: also before 1970. */
function split(value: bigint, unit: bigint): [whole: bigint, rest: bigint] {
  const rest = ((value % unit) + unit) % unit;
  return [(value - rest) / unit, rest];
}
