import { type Document, printDocument } from '@aftercommit/models';
import type Database from 'better-sqlite3';
import { addColumns } from './add-columns.js';
import { documentColumn, quoteName } from './column-name.js';
import { type ColumnValue, columnValue } from './column-value.js';
import { assertKeysApart } from './key-type.js';
import type { WarnOnce } from './sqlite-task.js';
import type { StoredRow, TableRows } from './stored-row.js';
import { layoutOf, type TableLayout } from './table-layout.js';

/**
 * Writes the rows into their tables, whether these are still bound or not. Throws `ENDPOINT_REFUSED` for tables of another
 * materialization.
 */
export function writeRows(database: Database.Database, materialization: string, rows: TableRows, warn: WarnOnce): void {
  for (const [table, ofTable] of rows) {
    const layout = layoutOf(database, materialization, table);
    assertKeysApart(database, layout, ofTable);
    addColumns(database, layout, newFields(layout, ofTable), warn);
    const write = database.prepare(writeStatement(layout));
    const valuesOf = columnReader(layout);
    for (const row of ofTable) write.run(valuesOf(row));
  }
}

/** Throws `ENDPOINT_REFUSED` for rows that `writeRows` would refuse, and writes nothing. */
export function assertWritable(database: Database.Database, materialization: string, rows: TableRows): void {
  for (const [table, ofTable] of rows) {
    assertKeysApart(database, layoutOf(database, materialization, table), ofTable);
  }
}

/** Top-level fields without a column. */
function newFields({ fieldColumns, keyFields }: TableLayout, rows: readonly StoredRow[]): Set<string> {
  const found = new Set<string>();
  let known: readonly string[] = [];
  for (const { document } of rows) {
    // Documents of a collection have mostly the same.
    if (hasFields(document, known)) continue;
    const fields = Object.keys(document);
    for (const field of fields) if (!fieldColumns.has(field) && !keyFields.has(field)) found.add(field);
    known = fields;
  }
  return found;
}

/** Whether its fields are exactly these, in this order. Makes no list of them. */
function hasFields(document: Document, fields: readonly string[]): boolean {
  let count = 0;
  for (const field in document) {
    if (field !== fields[count]) return false;
    count += 1;
  }
  return count === fields.length;
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

/** Gives what a row has in each column, in the order of the statement. Valid until the next row. */
function columnReader({ keyColumns, fieldColumns }: TableLayout): (row: StoredRow) => readonly ColumnValue[] {
  const fields = [...fieldColumns.keys()];
  const values: ColumnValue[] = [];
  return ({ key, document, text = printDocument(document) }) => {
    for (let index = 0; index < keyColumns.length; index += 1) values[index] = columnValue(key[index]);
    values[keyColumns.length] = text;
    let column = keyColumns.length;
    for (const field of fields) {
      column += 1;
      values[column] = Object.hasOwn(document, field) ? columnValue(document[field]) : null;
    }
    return values;
  };
}
