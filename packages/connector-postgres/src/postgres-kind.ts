import { defineConnectorKind } from '@aftercommit/runtime-adapter';
import { parseAddress } from './address.js';
import { configSchema, resourceSchema } from './postgres-config.js';
import { PostgresConnector } from './postgres-connector.js';

/** Letter case does not tell hosts apart, unless they are folders. */
function serverOf(address: string): string {
  const { host, port } = parseAddress(address);
  return `${host.startsWith('/') ? host : host.toLowerCase()}:${port}`;
}

/** Tables in a PostgreSQL database, which may hold those of others too. What it promises stands in the README. */
export const postgres = defineConnectorKind({
  name: 'postgres',
  configSchema,
  resourceSchema,
  resourcePath: ({ table, schema }) => (schema === undefined ? [table] : [schema, table]),
  resourceIdentity: ({ address, database, schema = 'public' }, { table, schema: own = schema }) =>
    JSON.stringify([serverOf(address), database, own, table]),
  isDelta: ({ delta = false }) => delta,
  connect: (task) => new PostgresConnector(task),
});
