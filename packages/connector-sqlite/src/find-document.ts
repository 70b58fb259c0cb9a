import type { Document } from '@aftercommit/models';
import type { KeyValue } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { columnValue } from './column-value.js';
import { hasKeyTypes, isAmbiguous, isKeepable, selectDocument } from './key-type.js';
import { readDocument } from './read-document.js';
import { storedKey } from './stored-row.js';
import type { TableLayout } from './table-layout.js';

/** The document under the key; undefined: there is none. */
export type FindDocument = (key: readonly KeyValue[]) => Document | undefined;

/** Prepared once for a table: a look-up takes about 5 µs then. Tables that append are not looked at. */
export function prepareFind(database: Database.Database, { record, keyColumns }: TableLayout): FindDocument {
  if (record.isDelta) return () => undefined;
  const select = database.prepare<unknown[], unknown>(selectDocument(record.name, keyColumns)).pluck();
  return (key) => {
    // No row has such a key, and some versions of Node would look for U+FFFD instead.
    if (!key.every(isKeepable)) return undefined;
    const text = select.get(storedKey(key).map(columnValue));
    if (text === undefined) return undefined;
    const document = readDocument(text, record.name);
    return isAmbiguous(key) && !hasKeyTypes(document, record.key, key) ? undefined : document;
  };
}
