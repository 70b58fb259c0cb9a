import Type from 'typebox';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The units of humantime, which existing configurations are written in. A month is 30.44 days, a year 365.25. */
const unitMs = new Map<string, number>(
  (
    [
      [['nanos', 'nsec', 'ns'], 1e-6],
      [['usec', 'us', 'µs'], 1e-3],
      [['millis', 'msec', 'ms'], 1],
      [['seconds', 'second', 'secs', 'sec', 's'], secondMs],
      [['minutes', 'minute', 'mins', 'min', 'm'], minuteMs],
      [['hours', 'hour', 'hrs', 'hr', 'h'], hourMs],
      [['days', 'day', 'd'], dayMs],
      [['weeks', 'week', 'wks', 'wk', 'w'], 7 * dayMs],
      [['months', 'month', 'M'], 30.44 * dayMs],
      [['years', 'year', 'yrs', 'yr', 'y'], 365.25 * dayMs],
    ] as const
  ).flatMap(([names, milliseconds]) => names.map((name) => [name, milliseconds] as const)),
);

const span = /\s*(\d+(?:\.\d+)?)\s*([a-zA-Zµ]+)/y;

/** A duration in a configuration: `500ms`, `30s`, `1h 30m`, `2days`. */
export const DurationSchema = Type.String({
  title: 'Duration',
  description: 'A number with a unit, or several: 500ms, 30s, 1h 30m, 2days.',
  pattern: `^\\s*(0|(\\d+(\\.\\d+)?\\s*(${[...unitMs.keys()].join('|')})\\s*)+)\\s*$`,
});

/** Raised when a text is not a duration. The message names the text and what would be one. */
export class DurationError extends Error {
  readonly code = 'DURATION_INVALID';
  constructor(text: string, problem: string) {
    super(`"${text}" is not a duration: ${problem}. Write a number with a unit, as in 500ms, 30s, 1h 30m or 2days.`);
    this.name = 'DurationError';
  }
}

/**
 * Reads a duration as humantime writes it and returns milliseconds (a fraction for units below one).
 *
 * @throws DurationError for a text without a unit (`0` alone is allowed), an unknown unit, or a length that cannot be
 *   counted in whole milliseconds.
 */
export function parseDuration(text: string): number {
  if (text.trim() === '0') return 0;
  if (text.trim() === '') throw new DurationError(text, 'it is empty');
  let totalMs = 0;
  let position = 0;
  while (position < text.trimEnd().length) {
    span.lastIndex = position;
    const match = span.exec(text);
    if (match === null) throw new DurationError(text, problemAt(text, position));
    const [, amount = '', unit = ''] = match;
    const each = unitMs.get(unit);
    if (each === undefined) throw new DurationError(text, `"${unit}" is not a unit`);
    totalMs += Number(amount) * each;
    position = span.lastIndex;
  }
  if (totalMs > Number.MAX_SAFE_INTEGER) throw new DurationError(text, 'it is too long');
  return totalMs;
}

function problemAt(text: string, position: number): string {
  const rest = text.slice(position).trim();
  return /^\d+(\.\d+)?$/.test(rest) ? `"${rest}" has no unit` : `"${rest}" does not start with a number`;
}

/** Writes milliseconds for people: `90_000` is `1m 30s`. Parts below a millisecond are rounded away. */
export function formatDuration(milliseconds: number): string {
  let rest = Math.round(milliseconds);
  const parts: string[] = [];
  for (const [unit, each] of [
    ['d', dayMs],
    ['h', hourMs],
    ['m', minuteMs],
    ['s', secondMs],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / each);
    rest -= count * each;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? '0s' : parts.join(' ');
}
