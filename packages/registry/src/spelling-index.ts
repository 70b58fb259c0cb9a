import type { TextRange } from './decoded-text.js';

/** So many of a spelling's first characters are enough to look for it, and to know a spelling that was cut. */
export const shortestInsideText = 4;

/** Longer ones are found in any letter case: a host name of a redirect is lower-cased, and a header's value may be. */
const shortestInAnyCase = 8;

type Spelling = { text: string; isCaseCounted: boolean };

/**
 * Finds any of many spellings in a text, in one pass over the text however many there are: by their first four characters.
 */
export class SpellingIndex {
  readonly #byBeginning = new Map<number, Spelling[]>();
  /** A cheap no for most places: one byte for each of some thousand hashes. */
  readonly #filter: Uint8Array;
  readonly #filterShift: number;

  /** @param spellings Each of at least `shortestInsideText` characters. */
  constructor(spellings: readonly string[]) {
    const bits = Math.min(16, Math.max(8, Math.ceil(Math.log2(16 * (spellings.length + 1)))));
    this.#filter = new Uint8Array(2 ** bits);
    this.#filterShift = 32 - bits;
    for (const spelling of spellings) this.#add(spelling);
  }

  /**
   * Every place of a spelling, also those that overlap: of two secrets that share characters neither may leave a piece
   * behind. And, where the text ends, the beginning of a spelling of which the rest was cut off.
   *
   * @param ends Where the text may have been cut, from the last to the first. What is behind the first goes with it.
   */
  find(text: string, ends: readonly number[]): TextRange[] {
    const found: TextRange[] = [];
    let hash = 0;
    for (let index = 0; index < text.length; index += 1) {
      hash = nextHash(hash, text, index);
      const start = index + 1 - shortestInsideText;
      if (start < 0 || this.#filter[this.#filterIndex(hash)] === 0) continue;
      for (const spelling of this.#byBeginning.get(hash) ?? []) {
        const end = endOfMatch(text, start, spelling, ends);
        if (end !== undefined) found.push({ start, end });
      }
    }
    return found;
  }

  #add(text: string): void {
    let hash = 0;
    for (let index = 0; index < shortestInsideText; index += 1) hash = nextHash(hash, text, index);
    this.#filter[this.#filterIndex(hash)] = 1;
    const spelling = { text, isCaseCounted: text.length < shortestInAnyCase };
    const others = this.#byBeginning.get(hash);
    if (others === undefined) this.#byBeginning.set(hash, [spelling]);
    else others.push(spelling);
  }

  #filterIndex(hash: number): number {
    return Math.imul(hash, 0x9e3779b1) >>> this.#filterShift;
  }
}

/** The hash of the four characters that end here, in small letters, from that of the four before. */
function nextHash(hash: number, text: string, index: number): number {
  const leaving = index >= shortestInsideText ? inSmallLetters(text.charCodeAt(index - shortestInsideText)) : 0;
  return ((hash ^ leaving) >>> 5) ^ (inSmallLetters(text.charCodeAt(index)) << 15);
}

function endOfMatch(text: string, start: number, spelling: Spelling, ends: readonly number[]): number | undefined {
  const end = start + spelling.text.length;
  // Many may begin alike, such as with `Bearer `: the last character tells most of them from the text at once.
  if (end <= text.length && isSameAt(text, end - 1, spelling, spelling.text.length - 1)) {
    if (sharedLength(text, start, spelling) === spelling.text.length) return end;
  }
  const [last = 0] = ends;
  if (end <= (ends.at(-1) ?? 0)) return undefined;
  const length = sharedLength(text, start, spelling);
  const isCut = ends.some((until) => until - start >= shortestInsideText && until - start <= length);
  return isCut ? last : undefined;
}

function sharedLength(text: string, start: number, spelling: Spelling): number {
  const longest = Math.min(spelling.text.length, text.length - start);
  let length = 0;
  while (length < longest && isSameAt(text, start + length, spelling, length)) length += 1;
  return length;
}

function isSameAt(text: string, index: number, { text: spelling, isCaseCounted }: Spelling, at: number): boolean {
  const left = text.charCodeAt(index);
  const right = spelling.charCodeAt(at);
  return left === right || (!isCaseCounted && inSmallLetters(left) === inSmallLetters(right));
}

/** Of A to Z alone: so no text changes its length. */
function inSmallLetters(unit: number): number {
  return unit >= 65 && unit <= 90 ? unit + 32 : unit;
}
