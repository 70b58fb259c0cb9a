import { defineConnectorKind } from '@aftercommit/runtime-adapter';
import { configSchema, resourceSchema } from './sqlite-config.js';
import { SqliteConnector } from './sqlite-connector.js';

/** Tables in an SQLite file, which may hold those of others too. What it promises stands in the README. */
export const sqlite = defineConnectorKind({
  name: 'sqlite',
  configSchema,
  resourceSchema,
  resourcePath: ({ table }) => [table],
  isDelta: ({ delta = false }) => delta,
  connect: (task) => new SqliteConnector(task),
});
