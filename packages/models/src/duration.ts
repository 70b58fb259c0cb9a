import Type, { type TString } from 'typebox';

const secondNanos = 1_000_000_000n;
const dayNanos = 86_400n * secondNanos;

/** The units of humantime, which existing configurations are written in. A month is 30.44 days, a year 365.25. */
const unitNanos = new Map<string, bigint>(
  (
    [
      [['nanos', 'nsec', 'ns'], 1n],
      [['usec', 'us', 'µs'], 1_000n],
      [['millis', 'msec', 'ms'], 1_000_000n],
      [['seconds', 'second', 'secs', 'sec', 's'], secondNanos],
      [['minutes', 'minute', 'mins', 'min', 'm'], 60n * secondNanos],
      [['hours', 'hour', 'hrs', 'hr', 'h'], 3_600n * secondNanos],
      [['days', 'day', 'd'], dayNanos],
      [['weeks', 'week', 'wks', 'wk', 'w'], 7n * dayNanos],
      [['months', 'month', 'M'], (3_044n * dayNanos) / 100n],
      [['years', 'year', 'yrs', 'yr', 'y'], (36_525n * dayNanos) / 100n],
    ] as const
  ).flatMap(([names, nanos]) => names.map((name) => [name, nanos] as const)),
);

/** Spaces inside a number are passed over, as humantime does: `10 000ms` is ten seconds. */
const digits = '[0-9](?:\\s*[0-9])*';
const amount = `${digits}(?:\\s*\\.\\s*${digits})?`;
const unit = `(?:${[...unitNanos.keys()].join('|')})`;

/** Zero is the one length that needs no unit. */
const bareZero = '0+';

/** A duration in a configuration: `500ms`, `30s`, `1h 30m`, `2days`. */
export const DurationSchema = Type.String({
  title: 'Duration',
  description: 'A number with a unit, or several: 500ms, 30s, 1h 30m, 2days.',
  pattern: `^(?:${bareZero}|\\s*${amount}\\s*${unit}(?:\\s*${amount}\\s*${unit})*\\s*)$`,
});

/** A field of a configuration that holds a duration: what it is called, what it is for, and what it is when it is left out. */
export function durationField(about: { title: string; description: string; default?: string }): TString {
  return { ...DurationSchema, ...about };
}

const marker = Symbol.for('aftercommit.DurationError');

/** Raised when a text is not a duration. The message names the text and what would be one. */
export class DurationError extends Error {
  /** The one thing that it says, for programs. */
  readonly code = 'DURATION_INVALID';
  /** What `isDurationError` looks for. */
  readonly [marker] = true;

  /** With what is wrong with the text, as the end of a sentence. */
  constructor(text: string, problem: string) {
    super(`"${text}" is not a duration: ${problem}. Write a number with a unit, as in 500ms, 30s, 1h 30m or 2days.`);
    this.name = 'DurationError';
  }
}

/** Recognises a `DurationError`, also one of another copy of this package. */
export function isDurationError(error: unknown): error is DurationError {
  return typeof error === 'object' && error !== null && marker in error;
}

/**
 * Reads a duration as humantime writes it and returns milliseconds: a fraction for units below one, exact to the
 * nanosecond.
 *
 * @throws DurationError for a text without a unit (`0` alone is allowed), an unknown unit, or more milliseconds than a
 *   number counts exactly (285,000 years).
 */
export function parseDuration(text: string): number {
  if (new RegExp(`^${bareZero}$`).test(text)) return 0;
  const end = text.trimEnd().length;
  if (end === 0) throw new DurationError(text, 'it is empty');
  const span = new RegExp(`\\s*(${amount})\\s*([a-zA-Zµ]+)`, 'y');
  let totalNanos = 0n;
  while (span.lastIndex < end) {
    const position = span.lastIndex;
    const [, number = '', name = ''] = span.exec(text) ?? [];
    const each = unitNanos.get(name);
    if (each === undefined) throw new DurationError(text, problemAt(text.slice(position).trim(), name));
    totalNanos += multiply(number.replaceAll(/\s/g, ''), each);
  }
  return toMilliseconds(totalNanos, text);
}

/** A decimal number of units. What is below a nanosecond is dropped. */
function multiply(number: string, each: bigint): bigint {
  const [whole = '', fraction = ''] = number.split('.');
  return (BigInt(whole + fraction) * each) / 10n ** BigInt(fraction.length);
}

function toMilliseconds(nanos: bigint, text: string): number {
  const whole = nanos / 1_000_000n;
  if (whole > BigInt(Number.MAX_SAFE_INTEGER)) throw new DurationError(text, 'it is too long');
  return Number(whole) + Number(nanos % 1_000_000n) / 1e6;
}

/** Why no span starts here. `name` is what stands in the place of a unit; `''`: nothing does. */
function problemAt(rest: string, name: string): string {
  if (name !== '') return `"${name}" is not a unit`;
  const number = new RegExp(`^${amount}`).exec(rest)?.[0];
  if (number === undefined) return rest.startsWith('-') ? 'it is negative' : `"${rest}" does not start with a number`;
  return number === rest ? `"${rest}" has no unit` : `"${rest.slice(number.length).trim()}" is not a unit`;
}

/** Writes milliseconds for people: `90_000` is `1m 30s`. Parts below a millisecond are rounded away. */
export function formatDuration(milliseconds: number): string {
  let rest = Math.round(milliseconds);
  const parts: string[] = [];
  for (const [name, each] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / each);
    rest -= count * each;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return parts.length === 0 ? '0s' : parts.join(' ');
}
