import { type Document, pointerPath, valueAt } from '@aftercommit/models';
import { ConnectorError, type KeyValue } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { quoteName } from './column-name.js';
import { type ColumnValue, columnValue } from './column-value.js';
import { hasKeyTypes, isAmbiguous, isKeepable } from './key-type.js';
import { readDocument } from './read-document.js';
import type { TableLayout } from './table-layout.js';
import { assertOwned, showPlace, type TablePlace } from './table-place.js';

/** The document under the key; undefined: there is none. Throws when the table is another materialization's by now. */
export type FindDocument = (key: readonly KeyValue[]) => Document | undefined;

type Found = { materialization: string | null; isThere: number; document: unknown };

/** Prepared once for a table: a look-up takes some microseconds then. Tables that append are not looked at. */
export function prepareFind(database: Database.Database, { record, place, keyColumns }: TableLayout): FindDocument {
  if (record.isDelta) return () => undefined;
  const select = database.prepare<unknown[], Found>(selectWithOwner(record.name, keyColumns));
  return (key) => {
    // No row has such a key, and some versions of Node would look for U+FFFD instead.
    if (!key.every(isKeepable)) return undefined;
    const values = key.map(columnValue);
    const found = select.get(record.name, ...values);
    const materialization = found?.materialization ?? undefined;
    assertOwned(place, materialization === undefined ? undefined : { materialization });
    if (found?.isThere !== 1) return undefined;
    const document = readDocument(found.document, place);
    if (isAmbiguous(key) && !hasKeyTypes(document, record.key, key)) return undefined;
    assertKey(document, record.key, values, place);
    return document;
  };
}

/** Merged under another key, the document would be lost, and nobody would know. Throws `ENDPOINT_CORRUPT`. */
function assertKey(
  document: Document,
  pointers: readonly string[],
  values: readonly ColumnValue[],
  place: TablePlace,
): void {
  const own = pointers.map((pointer) => columnValue(valueAt(document, pointerPath(pointer))));
  if (own.every((value, index) => value === values[index])) return;
  throw new ConnectorError(
    'ENDPOINT_CORRUPT',
    `${showPlace(place)} has a row whose flow_document has another key than the row: somebody changed it. Correct or ` +
      'delete the row, or restore the file from a copy.',
  );
}

/** One statement, and so one moment: between two of them the table could become another materialization's. */
function selectWithOwner(table: string, keyColumns: readonly string[]): string {
  const columns = keyColumns.map((column) => `stored.${quoteName(column)}`);
  return `SELECT owner.materialization, ${columns[0]} IS NOT NULL AS isThere, stored.flow_document AS document
    FROM (SELECT (SELECT materialization FROM aftercommit_table WHERE table_name = ?) AS materialization) AS owner
    LEFT JOIN ${quoteName(table)} AS stored ON ${columns.map((column) => `${column} = ?`).join(' AND ')}`;
}
