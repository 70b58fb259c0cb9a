import type Database from 'better-sqlite3';
import { foldName, showName } from './column-name.js';
import { parseKept } from './kept-json.js';

/** A table that is ours, as it was recorded when it was made. */
export type TableRecord = {
  name: string;
  materialization: string;
  /** JSON pointers, in order. */
  key: readonly string[];
  isDelta: boolean;
};

/** Throws `ENDPOINT_CORRUPT`. */
export function findTableRecord(database: Database.Database, name: string): TableRecord | undefined {
  const row = database
    .prepare<[string], { table_name: string; materialization: string; key: string; is_delta: number }>(
      'SELECT table_name, materialization, key, is_delta FROM aftercommit_table WHERE table_name = ?',
    )
    .get(name);
  if (row === undefined) return undefined;
  const { materialization } = row;
  const place = { materialization, file: database.name, what: `the key of the table ${showName(name)}` };
  return {
    name: row.table_name,
    materialization,
    key: parseKept(row.key, place) as string[],
    isDelta: row.is_delta === 1,
  };
}

export function insertTableRecord(database: Database.Database, record: TableRecord): void {
  database
    .prepare('INSERT INTO aftercommit_table (table_name, materialization, key, is_delta) VALUES (?, ?, ?, ?)')
    .run(record.name, record.materialization, JSON.stringify(record.key), record.isDelta ? 1n : 0n);
}

/** Records the columns of locations of the documents (JSON pointers), which come behind `count` others. */
export function recordColumns(
  database: Database.Database,
  table: string,
  count: number,
  columns: ReadonlyArray<readonly [pointer: string, column: string]>,
): void {
  const insert = database.prepare(
    'INSERT INTO aftercommit_column (table_name, position, pointer, column_name) VALUES (?, ?, ?, ?)',
  );
  columns.forEach(([pointer, column], index) => {
    insert.run(table, BigInt(count + index), pointer, column);
  });
}

/** Forgets the table and its columns. */
export function removeTableRecord(database: Database.Database, name: string): void {
  database.prepare('DELETE FROM aftercommit_column WHERE table_name = ?').run(name);
  database.prepare('DELETE FROM aftercommit_table WHERE table_name = ?').run(name);
}

/** What stands in the file under the name, whoever made it: a table, a view or an index. Undefined: nothing. */
export function findInFile(database: Database.Database, name: string): string | undefined {
  return database
    .prepare<[string], string>(
      `SELECT type FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view', 'index')`,
    )
    .pluck()
    .get(name);
}

/** A column as it is in the file. */
export type FileColumn = {
  name: string;
  /** Its place in the primary key, from 1; 0: it is not part of it. */
  pk: number;
};

/** Generated columns too: their names are taken as well. */
export function columnsInFile(database: Database.Database, table: string): FileColumn[] {
  return database.prepare<[string], FileColumn>('SELECT name, pk FROM pragma_table_xinfo(?)').all(table);
}

export function foldedColumns(database: Database.Database, table: string): Set<string> {
  return new Set(columnsInFile(database, table).map(({ name }) => foldName(name)));
}
