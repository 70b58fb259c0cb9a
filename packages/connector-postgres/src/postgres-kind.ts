import { defineConnectorKind } from '@aftercommit/runtime-adapter';
import { configSchema, resourceSchema } from './postgres-config.js';
import { PostgresConnector } from './postgres-connector.js';

/** Tables in a PostgreSQL database, which may hold those of others too. What it promises stands in the README. */
export const postgres = defineConnectorKind({
  name: 'postgres',
  configSchema,
  resourceSchema,
  resourcePath: ({ table, schema }) => (schema === undefined ? [table] : [schema, table]),
  isDelta: ({ delta = false }) => delta,
  connect: (task) => new PostgresConnector(task),
});
