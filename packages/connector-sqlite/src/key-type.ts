import { type Document, pointerPath, valueAt } from '@aftercommit/models';
import { ConnectorError, type KeyValue } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { isKeepableText, quoteName } from './column-name.js';
import { columnValue, fitsInteger } from './column-value.js';
import { readDocument } from './read-document.js';
import type { StoredRow } from './stored-row.js';
import type { TableLayout } from './table-layout.js';
import { showPlace, type TablePlace } from './table-place.js';

/** `ENDPOINT_REFUSED`, for a key that SQLite would change. */
export function notKeepable(place: TablePlace): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_REFUSED',
    `${showPlace(place)} cannot have a key with a text that is no valid Unicode (half of a surrogate pair): SQLite does not ` +
      'keep it. Nothing was changed. Correct the document, or use another key for the collection.',
  );
}

/** Whether SQLite holds the key as it is. No document has one that it does not. */
export function isKeepable(value: KeyValue): boolean {
  return typeof value !== 'string' || isKeepableText(value);
}

/** Whether SQLite may hold a key of other types as the same values: true and 1, or an integer beyond 64 bits and a text. */
export function isAmbiguous(key: readonly KeyValue[]): boolean {
  return key.some(isAmbiguousValue);
}

function isAmbiguousValue(value: KeyValue): boolean {
  if (typeof value === 'boolean') return true;
  if (typeof value === 'string') return /^-?\d{19,}$/.test(value);
  return (
    value === 0 || value === 1 || (typeof value === 'bigint' && (!fitsInteger(value) || value === 0n || value === 1n))
  );
}

/** Whether the document's key has the types of this key. */
export function hasKeyTypes(document: Document, pointers: readonly string[], key: readonly KeyValue[]): boolean {
  return pointers.every((pointer, index) => jsonType(valueAt(document, pointerPath(pointer))) === jsonType(key[index]));
}

/**
 * Throws `ENDPOINT_REFUSED` when a document would overwrite one whose key differs, in its type alone: one that is stored,
 * or another one of the same transaction. Looks only where that can be.
 */
export function assertKeysApart(database: Database.Database, layout: TableLayout, rows: readonly StoredRow[]): void {
  const { record, place } = layout;
  if (record.isDelta) return;
  const find = database.prepare<unknown[], string>(selectDocument(layout)).pluck();
  const types = new Map<string, string>();
  for (const { key } of rows) {
    if (!isAmbiguous(key)) continue;
    const values = key.map(columnValue);
    const held = values.map((value) => `${typeof value} ${String(value)}`);
    const identity = JSON.stringify(held);
    const text = find.get(values);
    const stored = text === undefined ? undefined : readDocument(text, place);
    const own = JSON.stringify(key.map(jsonType));
    const isStoredOther = stored !== undefined && !hasKeyTypes(stored, record.key, key);
    if (isStoredOther || (types.get(identity) ?? own) !== own) throw typeError(layout);
    types.set(identity, own);
  }
}

/** The statement that finds the document under a key. */
function selectDocument({ record, keyColumns }: TableLayout): string {
  const condition = keyColumns.map((column) => `${quoteName(column)} = ?`).join(' AND ');
  return `SELECT flow_document FROM ${quoteName(record.name)} WHERE ${condition}`;
}

function jsonType(value: unknown): string {
  return typeof value === 'bigint' ? 'number' : typeof value;
}

function typeError({ record, place }: TableLayout): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_REFUSED',
    `${showPlace(place)} has a row whose key (${record.key.join(', ')}) differs from that of a document in its type alone, ` +
      'such as true and 1, which SQLite holds as one value. Nothing was changed. Give the key one type in the whole ' +
      'collection.',
  );
}
