import { freeName, maxColumns, nameProblem, showFirst, showName } from './column-name.js';
import type { ColumnType } from './column-type.js';
import type { WarnOnce } from './postgres-task.js';
import { showTable } from './table-place.js';
import { type Column, fieldPointer, type TableRecord } from './table-record.js';

/**
 * The columns of fields that have none, where one is possible.
 *
 * @param taken The names of all columns that the table has, also those that others added.
 */
export function addedColumns(
  fields: ReadonlyMap<string, ColumnType>,
  taken: Set<string>,
  record: TableRecord,
  warn: WarnOnce,
): Column[] {
  const table = showTable(record);
  const nameable = [...fields].filter(([field]) => isNameable(table, field, warn));
  const added = nameable.slice(0, Math.max(0, maxColumns - taken.size));
  warnOfMany(
    table,
    nameable.slice(added.length).map(([field]) => field),
    warn,
  );
  return added.map(([field, type]) => {
    const name = columnFor(table, field, taken, warn);
    taken.add(name);
    return { pointer: fieldPointer(field), name, type };
  });
}

function isNameable(table: string, field: string, warn: WarnOnce): boolean {
  const problem = nameProblem(field);
  if (problem === undefined) return true;
  warn(
    JSON.stringify([table, 'field', field]),
    `The table ${table} has no column for the field ${showName(field)}: ${problem}. The field is in flow_document alone.`,
  );
  return false;
}

/** One warning for all of them: there may be thousands. */
function warnOfMany(table: string, fields: readonly string[], warn: WarnOnce): void {
  if (fields.length === 0) return;
  warn(
    JSON.stringify([table, 'many']),
    `The table ${table} has ${maxColumns} columns, and gets no other: the field ${showFirst(fields, 'field')} of this ` +
      'transaction, and what comes after, is in flow_document alone.',
  );
}

function columnFor(table: string, field: string, taken: ReadonlySet<string>, warn: WarnOnce): string {
  const column = freeName(field, taken);
  if (column === field) return column;
  warn(
    JSON.stringify([table, 'field', field]),
    `The table ${table} keeps the field ${showName(field)} in the column ${showName(column)}: PostgreSQL has no longer ` +
      'names, or another column has its name.',
  );
  return column;
}
