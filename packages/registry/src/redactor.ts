import { asWritten, decodeEscapes, originalRange } from './decoded-text.js';
import { spellingsOf } from './secret-spellings.js';

const replacement = '[redacted]';

/** Shorter secrets are only replaced where they stand alone: every "1" of a text cannot go because a header says 1. */
const shortestInsideText = 4;

/** A reason is evidence, not an archive. In characters. */
const longestReason = 6_000;

type Range = { start: number; end: number };

/**
 * Takes secret values out of texts (I8). Every reason, log message and error passes through one on its way out of the
 * core, so that a trigger kind cannot forget it and a receiver that echoes a request cannot leak it.
 */
export class Redactor {
  readonly #spellings: readonly string[];

  /** @param secrets Values as configured. Their parts between spaces, and their JSON and URL spellings, are found too. */
  constructor(secrets: Iterable<string>) {
    this.#spellings = [...new Set([...secrets].flatMap(spellingsOf))];
  }

  /** The text without secrets, shortened to a bounded length. */
  scrub(text: string): string {
    const clean = replaceAll(text, [...this.#found(text), ...this.#cutSecret(text)]);
    return clean.length <= longestReason ? clean : `${clean.slice(0, longestReason)}…`;
  }

  /** In the text as it stands, and with its escapes read once and twice: a receiver may write a secret in many ways. */
  #found(text: string): Range[] {
    const written = asWritten(text);
    const once = decodeEscapes(written);
    const readings = once.text === text ? [written] : [written, once, decodeEscapes(once)];
    return readings.flatMap((reading) =>
      this.#spellings.flatMap((spelling) =>
        occurrences(reading.text, spelling).map(({ start, end }) => originalRange(reading, start, end)),
      ),
    );
  }

  /** Evidence that was cut to its limit may end in the beginning of a secret: in the longest that fits. */
  #cutSecret(text: string): Range[] {
    const end = text.replace(/["'…\s]+$/u, '').length;
    const longest = Math.max(0, ...this.#spellings.map((spelling) => beginningAt(text, end, spelling)));
    return longest < shortestInsideText ? [] : [{ start: end - longest, end }];
  }
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
