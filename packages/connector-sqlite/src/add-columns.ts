import type { Document } from '@aftercommit/models';
import type Database from 'better-sqlite3';
import { foldName, freeName, maxColumns, nameProblem, quoteName, showName } from './column-name.js';
import type { WarnOnce } from './sqlite-task.js';
import { fieldPointer, recordColumn, type TableLayout } from './table-layout.js';
import { foldedColumns } from './table-record.js';

/** Gives every top-level field of the documents that has none a column, where one is possible. Changes the layout. */
export function addColumns(
  database: Database.Database,
  layout: TableLayout,
  rows: ReadonlyArray<{ document: Document }>,
  warn: WarnOnce,
): void {
  const fields = newFields(layout, rows);
  if (fields.size === 0) return;
  const taken = foldedColumns(database, layout.record.name);
  for (const field of fields) addColumn(database, layout, field, taken, warn);
}

function newFields({ fieldColumns, keyFields }: TableLayout, rows: ReadonlyArray<{ document: Document }>): Set<string> {
  const fields = new Set<string>();
  for (const { document } of rows) {
    for (const field of Object.keys(document)) {
      if (!fieldColumns.has(field) && !keyFields.has(field)) fields.add(field);
    }
  }
  return fields;
}

function addColumn(
  database: Database.Database,
  { record, fieldColumns }: TableLayout,
  field: string,
  taken: Set<string>,
  warn: WarnOnce,
): void {
  const table = record.name;
  const about = JSON.stringify([table, field]);
  const problem = nameProblem(field) ?? (taken.size < maxColumns ? undefined : `the table has ${maxColumns} already`);
  if (problem !== undefined) {
    warn(
      about,
      `The table ${showName(table)} has no column for the field ${showName(field)}: ${problem}. The field is in ` +
        'flow_document alone',
    );
    return;
  }
  const column = freeName(field, taken);
  if (column !== field) {
    warn(
      about,
      `The table ${showName(table)} keeps the field ${showName(field)} in the column ${showName(column)}: another ` +
        'column has its name, but perhaps for the case of letters',
    );
  }
  database.exec(`ALTER TABLE ${quoteName(table)} ADD COLUMN ${quoteName(column)}`);
  recordColumn(database, table, fieldPointer(field), column);
  fieldColumns.set(field, column);
  taken.add(foldName(column));
}
