import { parse, stringify } from 'lossless-json';

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

/** Sixteen digits before a point, or before an exponent: the shortest that may be an integer which a double cannot hold. */
const mayBeInexact = /(?<![\d.])(?:\d{16}|[\d.]{17,}[eE])/;
const overflows = /\d[eE]\+?\d{3}|\d{309}/;

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
  if (!mayBeInexact.test(text) && !overflows.test(text)) return JSON.parse(text) as DocumentValue;
  return parse(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue }) as DocumentValue;
}

/** The JSON text of a value; `parseDocument` gives the same value back (and 0 for -0). */
export function printDocument(value: DocumentValue): string {
  const text = isPrintedExactly(value) ? JSON.stringify(value) : stringify(value, null, undefined, [inexactNumber]);
  return text ?? 'null';
}

export function isDocument(value: DocumentValue): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Character by character: a regular expression has its limits in texts of many megabytes. */
function isTooDeep(text: string): boolean {
  let level = 0;
  let isInText = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') isInText = !isInText;
    else if (isInText) index += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') level += 1;
    else if (character === ']' || character === '}') level -= 1;
    if (level > deepestLevel) return true;
  }
  return false;
}

function exactNumber(text: string): number | bigint {
  const number = Number(text);
  if (!Number.isFinite(number)) throw new SyntaxError(`The number ${text.slice(0, 40)} is too large`);
  if (Number.isSafeInteger(number) || !Number.isInteger(number)) return number;
  if (/^-?\d+$/.test(text)) return BigInt(text);
  // With a point or an exponent it is a double (1e23, 1.5e300) as long as it says no more than the double does.
  const integer = integerOf(text);
  return integer === undefined || integer === integerOf(number.toExponential()) ? number : integer;
}

/** What the text of a number amounts to; undefined: not to an integer. */
function integerOf(text: string): bigint | undefined {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const zeros = Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`);
  if (zeros >= 0) return digits * 10n ** BigInt(zeros);
  const divisor = 10n ** BigInt(-zeros);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

function isPrintedExactly(value: DocumentValue): boolean {
  if (typeof value === 'number') return !inexactNumber.test(value);
  if (typeof value === 'bigint') return false;
  return typeof value !== 'object' || value === null || Object.values(value).every(isPrintedExactly);
}

/**
 * A double beyond ±(2^53−1) is printed by JavaScript with digits that it does not have (2^60 as 1152921504606847000): as an
 * integer they would be another number. With an exponent they are read as the same double.
 */
const inexactNumber = {
  test: (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value),
  stringify: (value: unknown): string => Number(value).toExponential(),
};
