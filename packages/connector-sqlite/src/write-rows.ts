import type Database from 'better-sqlite3';
import { addColumns } from './add-columns.js';
import { documentColumn, quoteName } from './column-name.js';
import { type ColumnValue, columnValue } from './column-value.js';
import { assertKeysApart } from './key-type.js';
import type { WarnOnce } from './sqlite-task.js';
import type { StoredRow } from './stored-row.js';
import { layoutOf, type TableLayout } from './table-layout.js';

/**
 * Writes the rows into their tables, whether these are still bound or not. Throws `ENDPOINT_REFUSED` for tables of another
 * materialization.
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
    const valuesOf = columnReader(layout);
    for (const row of ofTable) write.run(valuesOf(row));
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
  const found = new Set<string>();
  for (const fields of new Set(rows.map((row) => row.fields))) {
    for (const field of fields) if (!fieldColumns.has(field) && !keyFields.has(field)) found.add(field);
  }
  return found;
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

const lacking = -1;

/** Gives what a row has in each column, in the order of the statement. Valid until the next row. */
function columnReader({ keyColumns, fieldColumns }: TableLayout): (row: StoredRow) => readonly ColumnValue[] {
  const columns = [...fieldColumns.keys()];
  const values: ColumnValue[] = [];
  let fields: readonly string[] | undefined;
  let places: number[] = [];
  return (row) => {
    if (row.fields !== fields) {
      fields = row.fields;
      const placeOf = new Map(fields.map((field, place) => [field, place]));
      places = columns.map((field) => placeOf.get(field) ?? lacking);
    }
    row.key.forEach((value, index) => {
      values[index] = columnValue(value);
    });
    values[keyColumns.length] = row.text;
    places.forEach((place, index) => {
      values[keyColumns.length + 1 + index] = place === lacking ? null : (row.values[place] ?? null);
    });
    return values;
  };
}
