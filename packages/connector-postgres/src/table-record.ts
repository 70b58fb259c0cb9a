import { jsonPointer, pointerPath } from '@aftercommit/models';
import { ConnectorError } from '@aftercommit/runtime-adapter';
import type { ColumnType } from './column-type.js';
import type { Queries } from './endpoint-connection.js';
import type { EndpointPlace } from './postgres-task.js';
import { ownTable } from './schema.js';
import { ownedByOther, refusedTable, showPlace, type TableName, type TablePlace } from './table-place.js';

/** What a table is for. */
export type WantedTable = TableName & {
  readonly materialization: string;
  /** JSON pointers, in order. */
  readonly key: readonly string[];
  readonly isDelta: boolean;
};

/** A column that documents are written to. */
export type Column = {
  /** Where its value is in a document, as a JSON pointer. */
  readonly pointer: string;
  readonly name: string;
  /** Null: no document has come yet that would say. Only keys have such columns. */
  readonly type: ColumnType | null;
};

/** A table that is ours, as it was recorded. */
export type TableRecord = WantedTable & {
  /** Those of the key first, in its order; then those of top-level fields. */
  readonly columns: readonly Column[];
};

type Row = {
  table_schema: string;
  table_name: string;
  materialization: string;
  key: string[];
  is_delta: boolean;
  columns: Column[];
};

/**
 * The records of the tables, in their order; undefined: there is none.
 *
 * @param lock Whether nobody else may take a table over until the end of the transaction.
 */
export async function findTableRecords(
  { query }: Queries,
  { schema }: EndpointPlace,
  names: readonly TableName[],
  lock: 'locked' | 'unlocked',
): Promise<Array<TableRecord | undefined>> {
  const { rows } = await query<Row>(
    `SELECT table_schema, table_name, materialization, key, is_delta, columns FROM ${ownTable(schema, 'table')}
      WHERE (table_schema, table_name) IN (SELECT * FROM unnest($1::text[], $2::text[]))
      ORDER BY table_schema, table_name${lock === 'locked' ? ' FOR KEY SHARE' : ''}`,
    [names.map((name) => name.schema), names.map((name) => name.table)],
  );
  const records = rows.map(
    ({ table_schema, table_name, materialization, key, is_delta, columns }): TableRecord => ({
      schema: table_schema,
      table: table_name,
      materialization,
      key,
      isDelta: is_delta,
      columns,
    }),
  );
  return names.map((name) => records.find((record) => record.schema === name.schema && record.table === name.table));
}

/**
 * The record, if it is of the materialization. Throws `ENDPOINT_REFUSED` when it is another's, and `ENDPOINT_CORRUPT` when
 * there is none.
 */
export function assertOwned(place: TablePlace, record: TableRecord | undefined): TableRecord {
  if (record?.materialization === place.endpoint.materialization) return record;
  if (record !== undefined) throw refusedTable(place, ownedByOther(record.materialization));
  throw new ConnectorError(
    'ENDPOINT_CORRUPT',
    `${showPlace(place)} has no record in aftercommit_table any more. Start again, and restore the database from a copy if ` +
      'that does not help.',
  );
}

export async function insertTableRecord(
  { query }: Queries,
  { schema }: EndpointPlace,
  record: TableRecord,
): Promise<void> {
  await query(
    `INSERT INTO ${ownTable(schema, 'table')} (table_schema, table_name, materialization, key, is_delta, columns)
      VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      record.schema,
      record.table,
      record.materialization,
      JSON.stringify(record.key),
      record.isDelta,
      JSON.stringify(record.columns),
    ],
  );
}

export async function recordColumns({ query }: Queries, { schema }: EndpointPlace, record: TableRecord): Promise<void> {
  await query(`UPDATE ${ownTable(schema, 'table')} SET columns = $3 WHERE table_schema = $1 AND table_name = $2`, [
    record.schema,
    record.table,
    JSON.stringify(record.columns),
  ]);
}

export async function removeTableRecord({ query }: Queries, { schema }: EndpointPlace, name: TableName): Promise<void> {
  await query(`DELETE FROM ${ownTable(schema, 'table')} WHERE table_schema = $1 AND table_name = $2`, [
    name.schema,
    name.table,
  ]);
}

/** The columns of the key, in its order. */
export function keyColumns({ key, columns }: TableRecord): readonly Column[] {
  return columns.slice(0, key.length);
}

/** The columns of top-level fields that are no key. */
export function fieldColumns({ key, columns }: TableRecord): readonly Column[] {
  return columns.slice(key.length);
}

/** The pointer of a top-level field. */
export function fieldPointer(field: string): string {
  return jsonPointer([field]);
}

/** The top-level field that a pointer leads to or through. */
export function fieldOf(pointer: string): string {
  return pointerPath(pointer)[0] ?? '';
}
