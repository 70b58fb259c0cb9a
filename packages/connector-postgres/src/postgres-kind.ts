import { defineConnectorKind } from '@aftercommit/runtime-adapter';
import { configSchema, resourceSchema } from './postgres-config.js';
import { PostgresConnector } from './postgres-connector.js';

function withPort(address: string): string {
  return address.startsWith('/') || /:\d+$/.test(address) ? address : `${address}:5432`;
}

/** Tables in a PostgreSQL database, which may hold those of others too. What it promises stands in the README. */
export const postgres = defineConnectorKind({
  name: 'postgres',
  configSchema,
  resourceSchema,
  resourcePath: ({ table, schema }) => (schema === undefined ? [table] : [schema, table]),
  resourceIdentity: ({ address, database, schema = 'public' }, { table, schema: own = schema }) =>
    JSON.stringify([withPort(address), database, own, table]),
  isDelta: ({ delta = false }) => delta,
  connect: (task) => new PostgresConnector(task),
});
