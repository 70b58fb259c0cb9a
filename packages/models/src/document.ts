import { stringify } from 'lossless-json';
import { parseExactly } from './parse-exactly.js';

/**
 * A value in a document: JSON, with integers beyond ±(2^53−1) as bigint, so that none is ever rounded. What is written with an
 * exponent or a point stays a double where that says the same.
 */
export type DocumentValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | DocumentValue[]
  | { [field: string]: DocumentValue };

/** What collections consist of: a JSON object. */
export type Document = { [field: string]: DocumentValue };

/** Deeper ones are refused where they are read: whoever walks through a document does so by recursion. */
const deepestLevel = 1_000;

/**
 * What JSON.parse may round, or take for infinite: a number of sixteen digits before a point, of that many before an exponent
 * (and a point), or with an exponent of three digits. Every number of a text stands behind one of these characters, unless
 * the text is the number.
 */
const mayBeInexact = /[\s:,[-]\d(?:\d{15}|[\d.]{16,}[eE]|[\d.]*[eE]\+?\d{3})/;
const isNumber = /^\d/;

/**
 * The value of a JSON text, every integer in it exact. A field that is given twice has its last value.
 *
 * @throws SyntaxError when the text is not JSON, has a number that is too large for a double ("1e999"), or is nested more
 *   than 1,000 levels deep.
 */
export function parseDocument(text: string): DocumentValue {
  if (text.length > 2 * deepestLevel && isTooDeep(text)) {
    throw new SyntaxError(`The value is nested more than ${deepestLevel} levels deep`);
  }
  if (!mayBeInexact.test(text) && !isNumber.test(text)) return JSON.parse(text) as DocumentValue;
  return parseExactly(text);
}

/** The JSON text of a value; `parseDocument` gives the same value back (and 0 for -0). */
export function printDocument(value: DocumentValue): string {
  const text = isPrintedExactly(value) ? JSON.stringify(value) : stringify(value, null, undefined, [inexactNumber]);
  return text ?? 'null';
}

/** Whether a value of a document is a map of fields, and no list, text, number, boolean or null. */
export function isDocument(value: DocumentValue): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Character by character (`"`, `\\`, brackets and braces): a regular expression has its limits in texts of many megabytes. */
function isTooDeep(text: string): boolean {
  let level = 0;
  let isInText = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === 0x22) isInText = !isInText;
    else if (isInText) index += character === 0x5c ? 1 : 0;
    else if (character === 0x5b || character === 0x7b) level += 1;
    else if (character === 0x5d || character === 0x7d) level -= 1;
    if (level > deepestLevel) return true;
  }
  return false;
}

function isPrintedExactly(value: DocumentValue): boolean {
  if (typeof value === 'number') return !inexactNumber.test(value);
  if (typeof value === 'bigint') return false;
  if (typeof value !== 'object' || value === null) return true;
  // In loops: every document that is printed comes by.
  if (Array.isArray(value)) {
    for (const element of value) if (!isPrintedExactly(element)) return false;
    return true;
  }
  for (const field in value) if (!isPrintedExactly(value[field] ?? null)) return false;
  return true;
}

/**
 * A double beyond ±(2^53−1) is printed by JavaScript with digits that it does not have (2^60 as 1152921504606847000): as an
 * integer they would be another number. With an exponent they are read as the same double.
 */
const inexactNumber = {
  test: (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value),
  stringify: (value: unknown): string => Number(value).toExponential(),
};
