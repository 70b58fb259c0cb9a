import { asWritten, type DecodedText, decodeEscapes, originalRange } from './decoded-text.js';
import { spellingsOf } from './secret-spellings.js';

const replacement = '[redacted]';

/** Shorter secrets are only replaced where they stand alone: every "1" of a text cannot go because a header says 1. */
const shortestInsideText = 4;

/** A reason is evidence, not an archive. In characters. */
const longestReason = 6_000;

/** Of more than this nothing would be left to read. In characters. */
const longestInput = 4 * longestReason;

/** JSON in JSON in a URL: nobody escapes more often. */
const deepestEscape = 5;

/** An escape that was begun: `&#x2`, `\u00`, `%2`, or bytes that are no text yet. */
const halfEscape = /(?:&#?[0-9a-z]*|\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?|%[0-9a-f]?|\uFFFD+)$/i;
const longestEscape = 10;

type Range = { start: number; end: number };

/**
 * Takes secret values out of texts (I8). Every reason, log message and error passes through one on its way out of the
 * core, so that a trigger kind cannot forget it and a receiver that echoes a request cannot leak it.
 */
export class Redactor {
  readonly #secrets: readonly string[];
  /** Made when there is a text: thousands of sessions never have one. */
  #spellings: readonly string[] | undefined;

  /** @param secrets Values as configured. Their parts between spaces, and their JSON and URL spellings, are found too. */
  constructor(secrets: Iterable<string>) {
    this.#secrets = [...secrets];
  }

  /** The text without secrets, shortened to a bounded length. */
  scrub(text: string): string {
    const bounded = text.length <= longestInput ? text : text.slice(0, longestInput);
    this.#spellings ??= [...new Set(this.#secrets.flatMap(spellingsOf))];
    const spellings = this.#spellings;
    const found = readingsOf(bounded).flatMap((reading) => [
      ...wholeIn(reading, spellings),
      ...cutIn(reading, spellings),
    ]);
    const clean = replaceAll(bounded, found);
    return clean.length <= longestReason ? clean : `${clean.slice(0, longestReason)}…`;
  }
}

function wholeIn(reading: DecodedText, spellings: readonly string[]): Range[] {
  return spellings.flatMap((spelling) =>
    occurrences(reading.text, spelling).map(({ start, end }) => originalRange(reading, start, end)),
  );
}

/** Evidence that was cut to its limit may end in the beginning of a secret, the last escape of it cut in two. */
function cutIn(reading: DecodedText, spellings: readonly string[]): Range[] {
  const end = endOfWords(reading.text);
  return endsWithoutEscapes(reading.text, end).flatMap((until) => {
    const longest = spellings.reduce((most, one) => Math.max(most, beginningAt(reading.text, until, one)), 0);
    if (longest < shortestInsideText) return [];
    return [{ start: originalRange(reading, until - longest, until).start, end: originalRange(reading, 0, end).end }];
  });
}

/** The text as it stands, and with its escapes read as often as there are any: a receiver may write a secret in many ways. */
function readingsOf(text: string): DecodedText[] {
  const readings = [asWritten(text)];
  for (let depth = 0; depth < deepestEscape; depth += 1) {
    const last = readings.at(-1) ?? asWritten(text);
    const next = decodeEscapes(last);
    if (next.text === last.text) break;
    readings.push(next);
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

/** Every place, also those that overlap: of two secrets that share characters neither may leave a piece behind. */
function occurrences(text: string, spelling: string): Range[] {
  const found: Range[] = [];
  for (let start = text.indexOf(spelling); start >= 0; start = text.indexOf(spelling, start + 1)) {
    const end = start + spelling.length;
    if (spelling.length >= shortestInsideText || standsAlone(text, start, end)) found.push({ start, end });
  }
  return found;
}

function standsAlone(text: string, start: number, end: number): boolean {
  return (
    !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, start - 2), start)) &&
    !/^[\p{L}\p{N}]/u.test(text.slice(end, end + 2))
  );
}

/** How many of the spelling's first characters, but not all of them, end at this place of the text. */
function beginningAt(text: string, end: number, spelling: string): number {
  for (let length = Math.min(spelling.length - 1, end); length >= shortestInsideText; length -= 1) {
    const isCandidate = text[end - 1] === spelling[length - 1];
    if (isCandidate && text.startsWith(spelling.slice(0, length), end - length)) return length;
  }
  return 0;
}

/** Replaces ranges; those that touch or overlap become one. */
function replaceAll(text: string, ranges: Range[]): string {
  const kept: string[] = [];
  let at = 0;
  for (const { start, end } of ranges.sort((left, right) => left.start - right.start)) {
    if (start > at || at === 0) kept.push(text.slice(at, start), replacement);
    at = Math.max(at, end);
  }
  return kept.join('') + text.slice(at);
}
