import { ConnectorError } from '@aftercommit/runtime-adapter';
import { quoteName, showName } from './column-name.js';
import type { Queries } from './endpoint-connection.js';
import type { EndpointPlace } from './postgres-task.js';

/** The version of the tables below. A change to them raises it. */
const schemaVersion = 1;

/** Whoever makes our tables holds this lock: PostgreSQL fails where two make one at a time. */
const makingLock = 7_170_213_904;

/**
 * Beside the tables of bindings, and perhaps those of a host and of a store: the prefix keeps them apart.
 *
 * - `aftercommit_materialization`: the fence, and the runtime checkpoint as text, which keeps it to the letter.
 * - `aftercommit_table`: which table is whose, and which column a location of the documents (a JSON pointer) has.
 */
function createTables(schema: string): string {
  return `
CREATE TABLE IF NOT EXISTS ${ownTable(schema, 'endpoint')} (
  id integer NOT NULL PRIMARY KEY CHECK (id = 1),
  version integer NOT NULL
);
CREATE TABLE IF NOT EXISTS ${ownTable(schema, 'materialization')} (
  materialization text NOT NULL PRIMARY KEY,
  epoch bigint NOT NULL,
  runtime_checkpoint text
);
CREATE TABLE IF NOT EXISTS ${ownTable(schema, 'table')} (
  table_schema text NOT NULL,
  table_name text NOT NULL,
  materialization text NOT NULL,
  key json NOT NULL,
  is_delta boolean NOT NULL,
  columns json NOT NULL,
  PRIMARY KEY (table_schema, table_name)
);
INSERT INTO ${ownTable(schema, 'endpoint')} (id, version) VALUES (1, ${schemaVersion}) ON CONFLICT DO NOTHING`;
}

/** One of our own tables, in a statement. */
export function ownTable(schema: string, table: 'endpoint' | 'materialization' | 'table'): string {
  return `${quoteName(schema)}.aftercommit_${table}`;
}

/** Creates our tables, or checks that this package knows them. Throws `ENDPOINT_REFUSED`. */
export async function prepareSchema({ query }: Queries, place: EndpointPlace): Promise<void> {
  const { materialization, database, schema } = place;
  const found = await query<{ has_schema: boolean; has_tables: boolean }>(
    'SELECT to_regnamespace($1) IS NOT NULL AS has_schema, to_regclass($2) IS NOT NULL AS has_tables',
    [quoteName(schema), ownTable(schema, 'endpoint')],
  );
  if (found.rows[0]?.has_schema !== true) throw noSchema(place, schema);
  if (!found.rows[0].has_tables) {
    await query('SELECT pg_advisory_xact_lock($1)', [makingLock]);
    await query(createTables(schema));
  }
  const { rows } = await query<{ version: number }>(`SELECT version FROM ${ownTable(schema, 'endpoint')} WHERE id = 1`);
  const version = rows[0]?.version;
  if (version === schemaVersion) return;
  throw new ConnectorError(
    'ENDPOINT_REFUSED',
    `${materialization}: the aftercommit tables in ${database} have version ${String(version)}, and this package knows ` +
      `version ${schemaVersion}. Nothing was changed. Use the version of @aftercommit/connector-postgres that wrote them, ` +
      'or a newer one.',
  );
}

function noSchema({ materialization, database }: EndpointPlace, schema: string): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_REFUSED',
    `${materialization}: there is no schema ${showName(schema)} in ${database}. Make it (CREATE SCHEMA), or name another one.`,
  );
}
