import type { Json } from '@aftercommit/models';
import { StoreError } from './store-error.js';
import { assertWellFormed } from './well-formed.js';
import type { WriteBatch } from './write-batch.js';

/** A batch as a database takes it: keys with the JSON text of their values; undefined removes the key. */
export type EncodedBatch = {
  /** In the order of the batch, each key once. */
  readonly changes: ReadonlyArray<readonly [key: string, text: string | undefined]>;
  /** Keys that must have no value before the batch. */
  readonly requiredAbsent: ReadonlySet<string>;
};

/**
 * Encodes all of a batch before any of it is applied: a value that is no JSON throws a `TypeError` and leaves nothing
 * half done, and what is changed in a value later is not written.
 */
export function encodeBatch(batch: WriteBatch): EncodedBatch {
  const changes = Array.from(batch.changes, ([key, value]) => {
    assertWellFormed('key', key);
    return [key, value === undefined ? undefined : encodeValue(value)] as const;
  });
  for (const key of batch.requiredAbsent) assertWellFormed('key', key);
  return { changes, requiredAbsent: new Set(batch.requiredAbsent) };
}

/** The JSON text of a value. ASCII escapes keep it well-formed: lone surrogates inside of values survive. */
export function encodeValue(value: Json): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`A ${typeof value} is no JSON and cannot be stored`);
  return text;
}

/** Reads a value back; `STORE_CORRUPT` when the text is no JSON. The message names the key, never the value. */
export function decodeValue(text: string, where: { store: string; task: string; key: string }): Json {
  try {
    return JSON.parse(text);
  } catch {
    // I8: the parser's own message quotes the value, so it is not passed on as the cause.
    throw new StoreError(
      'STORE_CORRUPT',
      `The value of key ${JSON.stringify(where.key)} of task ${JSON.stringify(where.task)} in ${where.store} is no ` +
        `JSON: something other than this package wrote it, or the medium is damaged. Restore the store from a copy`,
    );
  }
}
