import type Database from 'better-sqlite3';
import { documentColumn, foldName, quoteName, showFirst, showName } from './column-name.js';
import type { WarnOnce } from './sqlite-task.js';
import type { TableLayout } from './table-layout.js';
import { refusedTable } from './table-place.js';
import { columnsInFile, foldedColumns } from './table-record.js';

/** Makes the columns of fields again that somebody dropped. Throws `ENDPOINT_REFUSED`. */
export function completeTable(database: Database.Database, layout: TableLayout, warn: WarnOnce): void {
  assertWhole(database, layout);
  const { record, fieldColumns } = layout;
  const names = foldedColumns(database, record.name);
  const missing = [...fieldColumns.values()].filter((column) => !names.has(foldName(column)));
  if (missing.length === 0) return;
  for (const column of missing) {
    database.exec(`ALTER TABLE ${quoteName(record.name)} ADD COLUMN ${quoteName(column)}`);
  }
  warn(
    JSON.stringify([record.name, 'columns']),
    `The table ${showName(record.name)} lacked the column ${showFirst(missing, 'column')}, and has it again: null in the ` +
      'rows that are there, until they are next written. Their flow_document has the value.',
  );
}

/** Throws `ENDPOINT_REFUSED` for a table without the columns or the key that every row needs: it is none of ours. */
export function assertWhole(database: Database.Database, { record, place, keyColumns }: TableLayout): void {
  const columns = columnsInFile(database, record.name);
  const names = new Set(columns.map(({ name }) => foldName(name)));
  const primaryKey = columns
    .filter(({ pk }) => pk > 0)
    .sort((left, right) => left.pk - right.pk)
    .map(({ name }) => name);
  const hasColumns = [...keyColumns, documentColumn].every((name) => names.has(foldName(name)));
  const isKeyed = record.isDelta || JSON.stringify(primaryKey) === JSON.stringify(keyColumns);
  if (hasColumns && isKeyed) return;
  throw refusedTable(
    place,
    'it has not the columns or the primary key any more that this connector made. Name another table: it is filled from ' +
      'the start of the sources.',
  );
}
