import { type Document, type DocumentValue, pointerPath, valueAt } from '@aftercommit/models';
import { pack } from 'fdb-tuple';
import type { KeyValue } from './connector.js';

/** A document's key: its values, and one text for it, in the order of its bytes. */
export type DocumentKey = {
  values: readonly KeyValue[];
  /** As a FoundationDB tuple, in hexadecimal digits: two keys are equal, or in order, exactly as these texts are. */
  packed: string;
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
    const values: KeyValue[] = [];
    for (const { pointer, path } of parts) {
      const value = valueAt(document, path);
      const problem = keyProblem(value);
      if (problem !== undefined) return { problem: `its key ${pointer} ${problem}` };
      values.push(canonical(value as KeyValue));
    }
    return { values, packed: pack(values).toString('hex') };
  };
}

/** One value for what is equal: -0 and 0 have two tuples, and so have 1e17 and 100000000000000000. */
function canonical(value: KeyValue): KeyValue {
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
