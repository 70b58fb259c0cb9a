import { StoreError } from '@aftercommit/persistence';
import type { Connection } from './connection.js';
import { migrations } from './migrations.js';
import { isServerError } from './postgres-error.js';

/**
 * Brings the tables to the version that this package knows. Many hosts may do so at once: one of them does it, the others wait.
 * Throws `STORE_SCHEMA_UNKNOWN` for tables of a newer version, `STORE_UNAVAILABLE` when the role may not make them, and what a call
 * fails with.
 */
export async function migrate(connection: Connection, schema: string, where: string): Promise<void> {
  if ((await versionOf(connection, schema, where)) === migrations.length) return;
  await connection.call('BEGIN');
  try {
    await connection.call('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`aftercommit/${schema}`]);
    await advance(connection, schema, await versionOf(connection, schema, where));
    await connection.call('COMMIT');
  } catch (error) {
    if (connection.isUsable) await connection.call('ROLLBACK');
    throw refusalToMake(error, schema, where) ?? error;
  }
}

/** The version of the tables. 0: there are none. Throws `STORE_SCHEMA_UNKNOWN` for a newer one, and what a call fails with. */
export async function versionOf(connection: Connection, schema: string, where: string): Promise<number> {
  const [found = []] = await connection.call('SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = $2', [
    schema,
    'migration',
  ]);
  if (found.length === 0) return 0;
  const [row = []] = await connection.call(`SELECT max(version) FROM ${schema}.migration`);
  const version = Number(row[0] ?? 0);
  if (version <= migrations.length) return version;
  throw new StoreError(
    'STORE_SCHEMA_UNKNOWN',
    `The tables in ${where} have version ${version}, and this package knows versions up to ${migrations.length}. Nothing was ` +
      'changed. Use the version of @aftercommit/persistence-postgres that wrote them, or a newer one',
  );
}

async function advance(connection: Connection, schema: string, version: number): Promise<void> {
  if (version === 0) await makeSchema(connection, schema);
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    await connection.call(migration(schema));
    await connection.call(`INSERT INTO ${schema}.migration (version) VALUES ($1)`, [index + 1]);
  }
}

/** Making a schema that is there already asks for more rights than are needed. */
async function makeSchema(connection: Connection, schema: string): Promise<void> {
  const found = await connection.call('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (found.length === 0) await connection.call(`CREATE SCHEMA ${schema}`);
  await connection.call(
    `CREATE TABLE ${schema}.migration (version integer PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now())`,
  );
}

function refusalToMake(error: unknown, schema: string, where: string): StoreError | undefined {
  if (!isServerError(error) || error.code !== '42501') return undefined;
  return new StoreError(
    'STORE_UNAVAILABLE',
    `Cannot make the tables in ${where}: ${error.message} (${error.code}). Nothing was changed. Let the role make them, with ` +
      `GRANT CREATE ON DATABASE, or make the schema for it, with CREATE SCHEMA ${schema} AUTHORIZATION`,
    { cause: error },
  );
}
