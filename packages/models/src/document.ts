import { parse, stringify } from 'lossless-json';

/** A value in a document: JSON, with integers beyond ±(2^53−1) as bigint, so that none is ever rounded. */
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

/** Sixteen digits in a row: the shortest that may be an integer which a double cannot hold. */
const mayBeInexact = /\d{16}/;
const overflows = /\d[eE]\+?\d{3}|\d{309}/;

/**
 * The value of a JSON text, every integer in it exact. A field that is given twice has its last value.
 *
 * @throws SyntaxError when the text is not JSON, or has a number that is too large for any computer's ("1e999").
 */
export function parseDocument(text: string): DocumentValue {
  if (!mayBeInexact.test(text) && !overflows.test(text)) return JSON.parse(text) as DocumentValue;
  return parse(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue }) as DocumentValue;
}

/** The JSON text of a value; `parseDocument` gives the same value back. */
export function printDocument(value: DocumentValue): string {
  return (holdsBigint(value) ? stringify(value) : JSON.stringify(value)) ?? 'null';
}

export function isDocument(value: DocumentValue): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function exactNumber(text: string): number | bigint {
  const number = Number(text);
  if (!Number.isFinite(number)) throw new SyntaxError(`The number ${text.slice(0, 40)} is too large`);
  if (Number.isSafeInteger(number) || !/^-?\d+$/.test(text)) return number;
  return BigInt(text);
}

function holdsBigint(value: DocumentValue): boolean {
  if (typeof value === 'bigint') return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsBigint);
}
