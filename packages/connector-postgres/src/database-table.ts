import type { Queries } from './endpoint-connection.js';
import { quoteTable, type TableName } from './table-place.js';

/** A table as it is in the database, whatever was recorded of it. */
export type DatabaseTable = {
  /** Type of each column, by its name. */
  readonly columns: ReadonlyMap<string, string>;
  /** The columns of the primary key, in its order. Empty: it has none. */
  readonly primaryKey: readonly string[];
};

const kinds: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  i: 'an index',
  S: 'a sequence',
  f: 'a foreign table',
  p: 'a partitioned table',
  I: 'a partitioned index',
  c: 'a composite type',
};

/** What stands in the database under the name, whoever made it, in words: `a table` for a plain one. Undefined: nothing. */
export async function findInDatabase({ query }: Queries, { schema, table }: TableName): Promise<string | undefined> {
  const { rows } = await query<{ relkind: string }>(
    `SELECT relkind FROM pg_catalog.pg_class
      WHERE relname = $2 AND relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)`,
    [schema, table],
  );
  const kind = rows[0]?.relkind;
  if (kind === undefined) return undefined;
  return kind === 'r' ? 'a table' : (kinds[kind] ?? 'something else');
}

export async function readTable({ query }: Queries, name: TableName): Promise<DatabaseTable> {
  const { rows } = await query<{ column_name: string; column_type: string; key_position: number | null }>(
    `SELECT attname AS column_name, format_type(atttypid, atttypmod) AS column_type,
        array_position(indkey::int2[], attnum) AS key_position
      FROM pg_catalog.pg_attribute LEFT JOIN pg_catalog.pg_index ON indrelid = attrelid AND indisprimary
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [quoteTable(name)],
  );
  const primaryKey = rows
    .flatMap(({ column_name, key_position }) => (key_position === null ? [] : [{ column_name, key_position }]))
    .sort((left, right) => left.key_position - right.key_position)
    .map(({ column_name }) => column_name);
  return { columns: new Map(rows.map(({ column_name, column_type }) => [column_name, column_type])), primaryKey };
}

export async function isTableEmpty({ query }: Queries, name: TableName): Promise<boolean> {
  const { rows } = await query<{ is_empty: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM ${quoteTable(name)}) AS is_empty`,
  );
  return rows[0]?.is_empty === true;
}
