import { StoreError } from '@aftercommit/persistence';

/** The version of the tables below. A change to them raises it. */
export const schemaVersion = 1;

/** All tables, in the host's own file: the prefix keeps them apart from the host's. */
export const tables = ['aftercommit_schema', 'aftercommit_task', 'aftercommit_entry'] as const;

/**
 * The version stands in a table of ours: `PRAGMA user_version` belongs to the host. `epoch` is 0 for a task that was
 * sent a message and never opened. `messages` counts every message a task was ever sent: their keys are never reused.
 */
export const createTables = `
CREATE TABLE main.aftercommit_schema (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE main.aftercommit_task (
  task TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL DEFAULT '',
  epoch INTEGER NOT NULL DEFAULT 0,
  messages INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE main.aftercommit_entry (
  task TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (task, key)
) STRICT, WITHOUT ROWID;
INSERT INTO main.aftercommit_schema (id, version) VALUES (1, ${schemaVersion});
`;

export const findSchemaTable = `SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name = 'aftercommit_schema'`;

export const selectVersion = 'SELECT version FROM main.aftercommit_schema WHERE id = 1';

/** Throws `STORE_SCHEMA_UNKNOWN` when the tables are another version's: reading them could mean something else. */
export function assertVersionKnown(version: number | bigint | undefined, file: string): void {
  if (version !== undefined && Number(version) === schemaVersion) return;
  const found = version === undefined ? 'no version' : `version ${version}`;
  throw new StoreError(
    'STORE_SCHEMA_UNKNOWN',
    `The aftercommit tables in ${file} have ${found}, and this package knows version ${schemaVersion}. Nothing was ` +
      `changed. Use the version of @aftercommit/persistence-sqlite that wrote the file, or a newer one`,
  );
}
