import type { TextRange } from './decoded-text.js';

/**
 * The places of a short secret where it stands alone: every "1" of a text cannot go because a header says 1. Neither can
 * that of a number or a time, such as `HTTP/1.1`, `10.0.0.1` or `12:30:01`, which nobody echoes.
 */
export function standingAlone(text: string, secret: string): TextRange[] {
  const found: TextRange[] = [];
  for (let start = text.indexOf(secret); start >= 0; start = text.indexOf(secret, start + 1)) {
    const end = start + secret.length;
    if (standsAlone(text, start, end)) found.push({ start, end });
  }
  return found;
}

function standsAlone(text: string, start: number, end: number): boolean {
  if (isLetterOrDigit(codePointBefore(text, start)) || isLetterOrDigit(text.codePointAt(end))) return false;
  return !isPartOfNumber(text, start, end);
}

/** A digit, one sign, and a digit again. */
function isPartOfNumber(text: string, start: number, end: number): boolean {
  const isAfterOne = isDigit(text[start]) && isInNumber(text[start - 1]) && isDigit(text[start - 2]);
  return isAfterOne || (isDigit(text[end - 1]) && isInNumber(text[end]) && isDigit(text[end + 1]));
}

function isInNumber(sign: string | undefined): boolean {
  return sign === '.' || sign === ':';
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function codePointBefore(text: string, index: number): number | undefined {
  const codePoint = text.codePointAt(index - 2);
  return codePoint !== undefined && codePoint > 0xffff ? codePoint : text.codePointAt(index - 1);
}

function isLetterOrDigit(codePoint: number | undefined): boolean {
  return codePoint !== undefined && /[\p{L}\p{N}]/u.test(String.fromCodePoint(codePoint));
}
