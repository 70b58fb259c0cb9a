import { type Document, valueAt } from '@aftercommit/models';
import type Database from 'better-sqlite3';
import { addColumns } from './add-columns.js';
import { documentColumn, quoteName } from './column-name.js';
import { type ColumnValue, columnValue } from './column-value.js';
import { assertKeysApart } from './key-type.js';
import type { WarnOnce } from './sqlite-task.js';
import { documentOf, keyOf, type StoredRow } from './stored-row.js';
import { layoutOf, type TableLayout } from './table-layout.js';

/** Writes the rows into their tables, whether these are still bound or not. */
export function writeRows(database: Database.Database, rows: readonly StoredRow[], warn: WarnOnce): void {
  for (const [table, ofTable] of byTable(rows)) {
    const layout = layoutOf(database, table);
    assertKeysApart(database, layout, ofTable);
    const parsed = ofTable.map((row) => ({ row, document: documentOf(row) }));
    addColumns(database, layout, parsed, warn);
    const write = database.prepare(writeStatement(layout));
    for (const { row, document } of parsed) write.run(columnValues(layout, row, document));
  }
}

/** Throws `ENDPOINT_REFUSED` for rows that `writeRows` would refuse, and writes nothing. */
export function assertWritable(database: Database.Database, rows: readonly StoredRow[]): void {
  for (const [table, ofTable] of byTable(rows)) assertKeysApart(database, layoutOf(database, table), ofTable);
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
