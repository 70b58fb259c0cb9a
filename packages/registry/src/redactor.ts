import { asWritten, type DecodedText, decodeEscapes, originalRange, type TextRange } from './decoded-text.js';
import { byteReadings } from './encoded-bytes.js';
import { spellingsOf } from './secret-spellings.js';
import { SpellingIndex, shortestInsideText } from './spelling-index.js';
import { standingAlone } from './standing-alone.js';

const replacement = '[redacted]';

/** A reason is evidence, not an archive. In characters. */
const longestReason = 6_000;

/** Of a text that is so many times as long as what is kept of it, nothing would be left to read. */
const mostShortening = 4;

/** JSON in JSON in a URL: nobody escapes more often. */
const deepestEscape = 5;

/** An escape that was begun: `&#x2`, `\u00`, `%2`, or bytes that are no text yet. */
const halfEscape = /(?:&#?[0-9a-z]*|\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?|%[0-9a-f]?|\uFFFD+)$/i;
const longestEscape = 10;

/**
 * Takes secret values out of texts (I8). Every reason, log message and error passes through one on its way out of the
 * core, so that a trigger kind cannot forget it and a receiver that echoes a request cannot leak it.
 */
export class Redactor {
  readonly #secrets: readonly string[];
  /** Made when there is a text: thousands of sessions never have one. */
  #spellings: Spellings | undefined;

  /**
   * @param secrets Values as configured. Found are also their parts between spaces, and all of these as they look in JSON,
   *   HTML, URLs, base64 and hex.
   */
  constructor(secrets: Iterable<string>) {
    this.#secrets = [...secrets];
  }

  /**
   * The text without secrets, shortened to a bounded length.
   *
   * @param longest How many characters are kept. Default: 6,000, enough for evidence.
   */
  scrub(text: string, longest = longestReason): string {
    const bounded = text.slice(0, mostShortening * longest);
    const clean = replaceAll(bounded, this.#secretsIn(bounded));
    return clean.length <= longest ? clean : `${clean.slice(0, longest)}…`;
  }

  #secretsIn(text: string): TextRange[] {
    if (this.#secrets.length === 0) return [];
    this.#spellings ??= spellings(this.#secrets);
    const { short, long } = this.#spellings;
    return escapeReadings(text).flatMap((reading) => [
      ...shortIn(reading, short),
      ...longIn(reading, long),
      ...byteReadings(reading).flatMap((bytes) => longIn(bytes, long)),
    ]);
  }
}

/** How secrets look: those that are replaced where they stand alone, and those that are found inside of a text. */
type Spellings = { short: readonly string[]; long: SpellingIndex };

function spellings(secrets: readonly string[]): Spellings {
  const all = [...new Set(secrets.flatMap(spellingsOf))];
  return {
    short: all.filter(({ length }) => length < shortestInsideText),
    long: new SpellingIndex(all.filter(({ length }) => length >= shortestInsideText)),
  };
}

function shortIn(reading: DecodedText, short: readonly string[]): TextRange[] {
  return short.flatMap((secret) => standingAlone(reading.text, secret).map((range) => originalRange(reading, range)));
}

/** Evidence that was cut to its limit may end in the beginning of a secret, the last escape of it cut in two. */
function longIn(reading: DecodedText, long: SpellingIndex): TextRange[] {
  const ends = endsWithoutEscapes(reading.text, endOfWords(reading.text));
  return long.find(reading.text, ends).map((range) => originalRange(reading, range));
}

/** The text as it stands, and with its escapes read as often as there are any: a receiver may write a secret in many ways. */
function escapeReadings(text: string): DecodedText[] {
  let last = asWritten(text);
  const readings = [last];
  for (let depth = 0; depth < deepestEscape; depth += 1) {
    const next = decodeEscapes(last);
    if (next === last) break;
    readings.push(next);
    last = next;
  }
  return readings;
}

/** The end, and each end before it that is left when an escape which was begun there is taken away. */
function endsWithoutEscapes(text: string, end: number): number[] {
  const ends = [end];
  for (let until = end; ends.length <= deepestEscape; ends.push(until)) {
    const begun = halfEscape.exec(text.slice(Math.max(0, until - longestEscape), until))?.[0].length ?? 0;
    if (begun === 0) break;
    until -= begun;
  }
  return ends;
}

/** Where the text ends without the quotes, dots and blanks that stand behind cut evidence. */
function endOfWords(text: string): number {
  let end = text.length;
  while (end > 0 && /["'…\s]/u.test(text.charAt(end - 1))) end -= 1;
  return end;
}

/** Replaces ranges; those that touch or overlap become one. */
function replaceAll(text: string, ranges: TextRange[]): string {
  const kept: string[] = [];
  let at = 0;
  for (const { start, end } of ranges.sort((left, right) => left.start - right.start)) {
    if (start > at || at === 0) kept.push(text.slice(at, start), replacement);
    at = Math.max(at, end);
  }
  return kept.join('') + text.slice(at);
}
