import { type Document, parseDocument, printDocument } from '@aftercommit/models';
import type { KeyValue, StoreDocument } from '@aftercommit/runtime-adapter';

/**
 * A document on its way into a table, with its key. Both as JSON text from the moment it was handed over: who changes the
 * object later changes nothing here, and what is staged in between gives the same row.
 */
export type StoredRow = { table: string; key: string; document: string };

export function storedRow(table: string, { key, document }: StoreDocument): StoredRow {
  return { table, key: printDocument([...key]), document: printDocument(document) };
}

export function keyOf({ key }: Pick<StoredRow, 'key'>): KeyValue[] {
  return parseDocument(key) as KeyValue[];
}

export function documentOf({ document }: Pick<StoredRow, 'document'>): Document {
  return parseDocument(document) as Document;
}

/** The key as it is when it was stored: a number that only looks like an integer in JSON text is one then. */
export function storedKey(key: readonly KeyValue[]): KeyValue[] {
  return keyOf({ key: printDocument([...key]) });
}
