import { type Document, valueAt } from '@aftercommit/models';
import type Database from 'better-sqlite3';
import { addColumns } from './add-columns.js';
import { documentColumn, quoteName } from './column-name.js';
import { type ColumnValue, columnValue } from './column-value.js';
import { assertKeysApart } from './key-type.js';
import type { WarnOnce } from './sqlite-task.js';
import { documentOf, keyOf, type StoredRow } from './stored-row.js';
import { layoutOf, type TableLayout } from './table-layout.js';

/**
 * Writes the rows into their tables, whether these are still bound or not. Throws `ENDPOINT_REFUSED` for tables of another
 * materialization. Documents are parsed twice, and none is held: a transaction may be very large.
 */
export function writeRows(
  database: Database.Database,
  materialization: string,
  rows: readonly StoredRow[],
  warn: WarnOnce,
): void {
  for (const [table, ofTable] of byTable(rows)) {
    const layout = layoutOf(database, materialization, table);
    assertKeysApart(database, layout, ofTable);
    addColumns(database, layout, newFields(layout, ofTable), warn);
    const write = database.prepare(writeStatement(layout));
    for (const row of ofTable) write.run(columnValues(layout, row, documentOf(row)));
  }
}

/** Throws `ENDPOINT_REFUSED` for rows that `writeRows` would refuse, and writes nothing. */
export function assertWritable(database: Database.Database, materialization: string, rows: readonly StoredRow[]): void {
  for (const [table, ofTable] of byTable(rows)) {
    assertKeysApart(database, layoutOf(database, materialization, table), ofTable);
  }
}

function byTable(rows: readonly StoredRow[]): Map<string, StoredRow[]> {
  const tables = new Map<string, StoredRow[]>();
  for (const row of rows) {
    const others = tables.get(row.table);
    if (others === undefined) tables.set(row.table, [row]);
    else others.push(row);
  }
  return tables;
}

/** Top-level fields without a column. */
function newFields({ fieldColumns, keyFields }: TableLayout, rows: readonly StoredRow[]): Set<string> {
  const fields = new Set<string>();
  for (const row of rows) {
    for (const field of Object.keys(documentOf(row))) {
      if (!fieldColumns.has(field) && !keyFields.has(field)) fields.add(field);
    }
  }
  return fields;
}

/** An update replaces the whole row: what the document lacks becomes null. */
function writeStatement({ record, keyColumns, fieldColumns }: TableLayout): string {
  const others = [documentColumn, ...fieldColumns.values()].map(quoteName);
  const keys = keyColumns.map(quoteName);
  const columns = [...keys, ...others];
  const insert = `INSERT INTO ${quoteName(record.name)} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  if (record.isDelta) return insert;
  const assignments = others.map((column) => `${column} = excluded.${column}`).join(', ');
  return `${insert} ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${assignments}`;
}

function columnValues({ fieldColumns }: TableLayout, row: StoredRow, document: Document): ColumnValue[] {
  const fields = [...fieldColumns.keys()].map((field) => columnValue(valueAt(document, [field])));
  return [...keyOf(row).map(columnValue), row.document, ...fields];
}
