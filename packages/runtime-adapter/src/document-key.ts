import { type Document, type DocumentValue, pointerPath, valueAt } from '@aftercommit/models';
import { pack } from 'fdb-tuple';
import type { KeyValue } from './connector.js';

/** A document's key. */
export type DocumentKey = {
  values: readonly KeyValue[];
  /** Two keys are equal exactly when these are, as keys of a `Map`. */
  identity: KeyValue;
};

/** Reads the key of documents; made once for a collection. */
export type ReadKey = (document: Document) => DocumentKey | { problem: string };

/**
 * @param pointers The collection's key: JSON pointers, in order.
 * @returns What reads it: the key, or, as the end of a sentence, why a document has none.
 */
export function keyReader(pointers: readonly string[]): ReadKey {
  const parts = pointers.map((pointer) => ({ pointer, path: pointerPath(pointer) }));
  return (document) => {
    // Nothing is pushed: such an array has room for sixteen more, and those of a whole transaction are held.
    const values = new Array<KeyValue>(parts.length);
    let index = 0;
    for (const { pointer, path } of parts) {
      const value = valueAt(document, path);
      const problem = keyProblem(value);
      if (problem !== undefined) return { problem: `its key ${pointer} ${problem}` };
      values[index] = canonical(value as KeyValue);
      index += 1;
    }
    return { values, identity: identityOf(values) };
  };
}

/**
 * A key as a FoundationDB tuple, in hexadecimal digits: two keys are equal, or in order, exactly as these texts are.
 *
 * @param values Those of a `DocumentKey`.
 */
export function packedKey(values: readonly KeyValue[]): string {
  return pack([...values]).toString('hex');
}

/** Packing every key would take as long as parsing its document. */
function identityOf(values: readonly KeyValue[]): KeyValue {
  const [first] = values;
  if (first !== undefined && values.length === 1) return first;
  return values.map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value))).join();
}

/** One value for what is equal: 0 for -0, a bigint for each integer beyond ±(2^53−1), a number for each other one. */
function canonical(value: KeyValue): KeyValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value !== 'number' || !Number.isInteger(value)) return value;
  if (value === 0) return 0;
  return Number.isSafeInteger(value) ? value : BigInt(value);
}

function keyProblem(value: DocumentValue | undefined): string | undefined {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  if (typeof value === 'object') return `is ${Array.isArray(value) ? 'an array' : 'an object'}`;
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) return 'is a text with half of a surrogate pair';
  return undefined;
}
