import type Database from 'better-sqlite3';
import { foldName, freeName, maxColumns, nameProblem, quoteName, showFirst, showName } from './column-name.js';
import type { WarnOnce } from './sqlite-task.js';
import { fieldPointer, type TableLayout } from './table-layout.js';
import { foldedColumns, recordColumns } from './table-record.js';

/**
 * Gives top-level fields of the documents a column, where one is possible. Changes the layout.
 *
 * @param fields Those that have none.
 */
export function addColumns(
  database: Database.Database,
  layout: TableLayout,
  fields: ReadonlySet<string>,
  warn: WarnOnce,
): void {
  if (fields.size === 0) return;
  const { record, keyColumns, fieldColumns } = layout;
  const taken = foldedColumns(database, record.name);
  const nameable = [...fields].filter((field) => isNameable(record.name, field, warn));
  const added = nameable.slice(0, Math.max(0, maxColumns - taken.size));
  warnOfMany(record.name, nameable.slice(added.length), warn);
  const count = keyColumns.length + fieldColumns.size;
  for (const field of added) {
    const column = columnFor(record.name, field, taken, warn);
    database.exec(`ALTER TABLE ${quoteName(record.name)} ADD COLUMN ${quoteName(column)}`);
    fieldColumns.set(field, column);
    taken.add(foldName(column));
  }
  recordColumns(
    database,
    record.name,
    count,
    added.map((field) => [fieldPointer(field), fieldColumns.get(field) ?? ''] as const),
  );
}

function isNameable(table: string, field: string, warn: WarnOnce): boolean {
  const problem = nameProblem(field);
  if (problem === undefined) return true;
  warn(
    JSON.stringify([table, 'field', field]),
    `The table ${showName(table)} has no column for the field ${showName(field)}: ${problem}. The field is in ` +
      'flow_document alone.',
  );
  return false;
}

/** One warning for all of them: there may be thousands. */
function warnOfMany(table: string, fields: readonly string[], warn: WarnOnce): void {
  if (fields.length === 0) return;
  warn(
    JSON.stringify([table, 'many']),
    `The table ${showName(table)} has ${maxColumns.toLocaleString('en')} columns, and gets no other: the field ` +
      `${showFirst(fields, 'field')} of this transaction, and what comes after, is in flow_document alone.`,
  );
}

function columnFor(table: string, field: string, taken: ReadonlySet<string>, warn: WarnOnce): string {
  const column = freeName(field, taken);
  if (column === field) return column;
  warn(
    JSON.stringify([table, 'field', field]),
    `The table ${showName(table)} keeps the field ${showName(field)} in the column ${showName(column)}: another column ` +
      'has its name, but perhaps for the case of letters.',
  );
  return column;
}
