import { jsonPointer, pointerPath } from '@aftercommit/models';
import { ConnectorError } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { foldName, showName } from './column-name.js';
import { findTableRecord, type TableRecord } from './table-record.js';

/** Which columns a table has, and what each is for. */
export type TableLayout = {
  record: TableRecord;
  /** The columns of the key, in its order. */
  keyColumns: readonly string[];
  /** The columns of top-level fields that are no key, by field. */
  fieldColumns: Map<string, string>;
  /** Top-level fields that are a key. */
  keyFields: ReadonlySet<string>;
};

/** Throws `ENDPOINT_CORRUPT` when the table is not recorded as ours. */
export function layoutOf(database: Database.Database, table: string): TableLayout {
  const record = findTableRecord(database, table);
  if (record === undefined) throw unrecorded(table);
  const rows = database
    .prepare<[string], { pointer: string; column_name: string }>(
      'SELECT pointer, column_name FROM aftercommit_column WHERE table_name = ? ORDER BY position',
    )
    .all(table);
  const keyColumns = rows.slice(0, record.key.length).map(({ column_name }) => column_name);
  const fieldColumns = new Map(
    rows.slice(record.key.length).map(({ pointer, column_name }) => [pointerPath(pointer)[0] ?? '', column_name]),
  );
  return { record, keyColumns, fieldColumns, keyFields: topLevelFields(record.key) };
}

/** Adds a column for a location of the documents, in the table itself too if it is not there. */
export function recordColumn(database: Database.Database, table: string, pointer: string, column: string): void {
  database
    .prepare(`INSERT INTO aftercommit_column (table_name, position, pointer, column_name)
      SELECT ?, count(*), ?, ? FROM aftercommit_column WHERE table_name = ?`)
    .run(table, pointer, column, table);
}

/** The pointer of a top-level field. */
export function fieldPointer(field: string): string {
  return jsonPointer([field]);
}

/** Whether two names of tables are one to SQLite. */
export function isSameName(left: string, right: string): boolean {
  return foldName(left) === foldName(right);
}

function topLevelFields(key: readonly string[]): ReadonlySet<string> {
  const parts = key.map(pointerPath);
  return new Set(parts.filter(({ length }) => length === 1).map(([field = '']) => field));
}

function unrecorded(table: string): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_CORRUPT',
    `The table ${showName(table)} has no record in aftercommit_table any more. Start again, and restore the file from a ` +
      'copy if that does not help',
  );
}
