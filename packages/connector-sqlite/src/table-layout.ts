import { jsonPointer, pointerPath } from '@aftercommit/models';
import type Database from 'better-sqlite3';
import { assertOwned, type TablePlace } from './table-place.js';
import { findTableRecord, type TableRecord } from './table-record.js';

/** Which columns a table has, and what each is for. */
export type TableLayout = {
  record: TableRecord;
  place: TablePlace;
  /** The columns of the key, in its order. */
  keyColumns: readonly string[];
  /** The columns of top-level fields that are no key, by field. */
  fieldColumns: Map<string, string>;
  /** Top-level fields that are a key. */
  keyFields: ReadonlySet<string>;
};

/** Throws `ENDPOINT_REFUSED` when the table is another materialization's, and `ENDPOINT_CORRUPT` when it is nobody's. */
export function layoutOf(database: Database.Database, materialization: string, table: string): TableLayout {
  const place = { materialization, file: database.name, table };
  const record = assertOwned(place, findTableRecord(database, table));
  const rows = database
    .prepare<[string], { pointer: string; column_name: string }>(
      'SELECT pointer, column_name FROM aftercommit_column WHERE table_name = ? ORDER BY position',
    )
    .all(table);
  const keyColumns = rows.slice(0, record.key.length).map(({ column_name }) => column_name);
  const fieldColumns = new Map(
    rows.slice(record.key.length).map(({ pointer, column_name }) => [pointerPath(pointer)[0] ?? '', column_name]),
  );
  return { record, place, keyColumns, fieldColumns, keyFields: topLevelFields(record.key) };
}

/** The pointer of a top-level field. */
export function fieldPointer(field: string): string {
  return jsonPointer([field]);
}

function topLevelFields(key: readonly string[]): ReadonlySet<string> {
  const parts = key.map(pointerPath);
  return new Set(parts.filter(({ length }) => length === 1).map(([field = '']) => field));
}
