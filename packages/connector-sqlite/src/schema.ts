import { ConnectorError } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';

/** The version of the tables below. A change to them raises it. */
const schemaVersion = 1;

/**
 * Beside the tables of bindings, and perhaps those of a host and of a store: the prefix keeps them apart.
 *
 * - `aftercommit_materialization`: the fence; the runtime checkpoint, if the endpoint has one; the transaction whose
 *   staging was applied last.
 * - `aftercommit_table`: which table is whose. Names are compared as SQLite compares them.
 * - `aftercommit_column`: which column a location of the documents (a JSON pointer) has, in the order of the columns.
 * - `aftercommit_staging`, `aftercommit_staged_document`: transactions that the store has still to commit.
 */
const createTables = `
CREATE TABLE aftercommit_endpoint (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
) STRICT;
CREATE TABLE aftercommit_materialization (
  materialization TEXT NOT NULL PRIMARY KEY,
  epoch INTEGER NOT NULL,
  runtime_checkpoint TEXT,
  applied TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE aftercommit_table (
  table_name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
  materialization TEXT NOT NULL,
  key TEXT NOT NULL,
  is_delta INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE aftercommit_column (
  table_name TEXT NOT NULL COLLATE NOCASE,
  position INTEGER NOT NULL,
  pointer TEXT NOT NULL,
  column_name TEXT NOT NULL,
  PRIMARY KEY (table_name, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE aftercommit_staging (
  materialization TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (materialization, transaction_id, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE aftercommit_staged_document (
  materialization TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  position INTEGER NOT NULL,
  table_name TEXT NOT NULL COLLATE NOCASE,
  key TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (materialization, transaction_id, epoch, position)
) STRICT, WITHOUT ROWID;
INSERT INTO aftercommit_endpoint (id, version) VALUES (1, ${schemaVersion});
`;

/** Creates our tables, or checks that this package knows them. Throws `ENDPOINT_REFUSED`. */
export function prepareSchema(database: Database.Database, materialization: string): void {
  const exists = database.prepare(
    `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'aftercommit_endpoint'`,
  );
  if (exists.pluck().get() === 0) database.exec(createTables);
  const version = database.prepare('SELECT version FROM aftercommit_endpoint WHERE id = 1').pluck().get();
  if (version === schemaVersion) return;
  throw new ConnectorError(
    'ENDPOINT_REFUSED',
    `${materialization}: the aftercommit tables in ${database.name} have version ${String(version)}, and this package knows ` +
      `version ${schemaVersion}. Nothing was changed. Use the version of @aftercommit/connector-sqlite that wrote the ` +
      'file, or a newer one.',
  );
}
