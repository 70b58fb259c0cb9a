import { type DocumentValue, printDocument } from '@aftercommit/models';

/** What SQLite binds: a bigint becomes an INTEGER, every number a REAL. */
export type ColumnValue = null | string | number | bigint;

const minInteger = -(2n ** 63n);
const maxInteger = 2n ** 63n - 1n;

/**
 * What a column holds of a value: scalars as they are, booleans as 0 and 1, objects and arrays as JSON text. An integer
 * that SQLite has no room for is a text with all its digits. A field that is lacking is null.
 */
export function columnValue(value: DocumentValue | undefined): ColumnValue {
  if (value === undefined || value === null || typeof value === 'string') return value ?? null;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'bigint') return fitsInteger(value) ? value : String(value);
  if (typeof value === 'number') return numberValue(value);
  return printDocument(value);
}

/** What is no number is null, as in JSON. */
function numberValue(value: number): ColumnValue {
  if (Number.isSafeInteger(value)) return BigInt(value);
  return Number.isFinite(value) ? value : null;
}

export function fitsInteger(value: bigint): boolean {
  return value >= minInteger && value <= maxInteger;
}
