import { pointerPath } from '@aftercommit/models';
import type Database from 'better-sqlite3';
import { documentColumn, foldName, freeName, nameProblem, quoteName, showName } from './column-name.js';
import { layoutOf, type TableLayout } from './table-layout.js';
import { refusedTable } from './table-place.js';
import { insertTableRecord, recordColumns, type TableRecord } from './table-record.js';

/**
 * Makes the table and records it: the key's columns, which are its primary key unless every document is appended, and the
 * column of the whole document. Fields get theirs as they appear. Throws `ENDPOINT_REFUSED`.
 */
export function makeTable(database: Database.Database, record: TableRecord): void {
  const { name, materialization, key } = record;
  const columns = keyColumnNames(database, record);
  insertTableRecord(database, record);
  recordColumns(
    database,
    name,
    0,
    key.map((pointer, index) => [pointer, columns[index] ?? ''] as const),
  );
  createTable(database, layoutOf(database, materialization, name));
}

/** Makes a table that is recorded and was dropped, with every column that it had. */
export function makeTableAgain(database: Database.Database, { materialization, name }: TableRecord): void {
  createTable(database, layoutOf(database, materialization, name));
}

/** No column has a declared type, which would change values: the text "1" stays a text. */
function createTable(database: Database.Database, { record, keyColumns, fieldColumns }: TableLayout): void {
  const keys = keyColumns.map(quoteName);
  const others = [documentColumn, ...fieldColumns.values()].map(quoteName);
  const primaryKey = record.isDelta ? [] : [`PRIMARY KEY (${keys.join(', ')})`];
  database.exec(`CREATE TABLE ${quoteName(record.name)} (${[...keys, ...others, ...primaryKey].join(', ')})`);
}

/** The names that the key's columns are given: those of the fields, nested ones with their whole path (`a/b`). */
function keyColumnNames(database: Database.Database, { materialization, name, key }: TableRecord): string[] {
  const taken = new Set([documentColumn]);
  return key.map((pointer) => {
    const wanted = pointerPath(pointer).join('/');
    const problem = nameProblem(wanted);
    if (problem !== undefined) {
      throw refusedTable(
        { materialization, file: database.name, table: name },
        `it can have no column for the key ${showName(pointer)}, which must be the JSON pointer of a field that can have ` +
          `a column, and ${problem}. Use another key for the collection.`,
      );
    }
    const column = freeName(wanted, taken);
    taken.add(foldName(column));
    return column;
  });
}
