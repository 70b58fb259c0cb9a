import type { Document } from '@aftercommit/models';
import { addedColumns } from './added-columns.js';
import { rewriteTimeoutMs } from './client-config.js';
import { quoteName } from './column-name.js';
import { type ColumnType, joinTypes, staysApart, typeOf } from './column-type.js';
import { readTable } from './database-table.js';
import type { Queries } from './endpoint-connection.js';
import type { WarnOnce } from './postgres-task.js';
import type { StoredRow } from './stored-row.js';
import { quoteTable, refusedTable, type TablePlace } from './table-place.js';
import { type Column, fieldColumns, fieldOf, keyColumns, recordColumns, type TableRecord } from './table-record.js';

/**
 * Gives the table the columns, and the columns the types, that hold what the rows have. Returns the record as it is then. Throws
 * `ENDPOINT_REFUSED` for keys of several types.
 */
export async function fitColumns(
  queries: Queries,
  record: TableRecord,
  place: TablePlace,
  rows: readonly StoredRow[],
  warn: WarnOnce,
): Promise<TableRecord> {
  const found = fieldTypes(rows);
  const keys = keyColumns(record).map((column, index) => {
    const type = rows.reduce<ColumnType | undefined>((held, { key }) => joined(held, typeOf(key[index])), undefined);
    return record.isDelta ? widened(column, type) : widenedKey(column, type, rows, index, place);
  });
  const fields = fieldColumns(record).map((column) => widened(column, found.get(fieldOf(column.pointer))));
  const known = new Set([...keys, ...fields].flatMap(({ pointer }) => topLevelField(pointer)));
  for (const field of known) found.delete(field);
  const added =
    found.size === 0
      ? []
      : addedColumns(found, new Set((await readTable(queries, record)).columns.keys()), record, warn);
  const columns = [...keys, ...fields, ...added];
  const changes = [...columns.entries()].flatMap(([index, column]) => change(record.columns[index], column));
  if (changes.length === 0) return record;
  const fitted = { ...record, columns };
  await queries.query({
    text: `ALTER TABLE ${quoteTable(record)} ${changes.join(', ')}`,
    query_timeout: rewriteTimeoutMs,
  });
  await recordColumns(queries, place.endpoint, fitted);
  return fitted;
}

/** The narrowest type for each top-level field that has a value in one of the documents. */
function fieldTypes(rows: readonly StoredRow[]): Map<string, ColumnType> {
  const types = new Map<string, ColumnType>();
  for (const { document } of rows) {
    for (const field of Object.keys(document)) {
      const held = types.get(field);
      const type = joined(held, typeOf(ownValue(document, field)));
      if (type !== undefined && type !== held) types.set(field, type);
    }
  }
  return types;
}

function ownValue(document: Document, field: string): Document[string] | undefined {
  return Object.hasOwn(document, field) ? document[field] : undefined;
}

function joined(held: ColumnType | undefined, type: ColumnType | undefined): ColumnType | undefined {
  return held === undefined || type === undefined ? (held ?? type) : joinTypes(held, type);
}

function widened(column: Column, type: ColumnType | undefined): Column {
  const held = joined(column.type ?? undefined, type) ?? null;
  return held === column.type ? column : { ...column, type: held };
}

/** Two keys that differ must be two rows, whatever type the column is changed to. */
function widenedKey(
  column: Column,
  type: ColumnType | undefined,
  rows: readonly StoredRow[],
  index: number,
  place: TablePlace,
): Column {
  const held = widened(column, type);
  const isApart = (one: ColumnType | undefined): boolean =>
    one === undefined || held.type === null || staysApart(one, held.type);
  if (isApart(column.type ?? undefined) && rows.every(({ key }) => isApart(typeOf(key[index])))) return held;
  throw refusedTable(
    place,
    `documents have values of several types at ${column.pointer}, which is a key: such as a text and a number. Nothing was ` +
      'changed. Give the key one type in the whole collection.',
  );
}

function topLevelField(pointer: string): string[] {
  return pointer.indexOf('/', 1) === -1 ? [fieldOf(pointer)] : [];
}

/** What makes the one column of the other. */
function change(before: Column | undefined, { name, type }: Column): string[] {
  if (before === undefined) return [`ADD COLUMN ${quoteName(name)} ${type}`];
  if (type === null || type === (before.type ?? 'text')) return [];
  return [`ALTER COLUMN ${quoteName(name)} TYPE ${type} USING ${quoteName(name)}::${type}`];
}
