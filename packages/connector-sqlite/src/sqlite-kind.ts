import { normalize } from 'node:path';
import { defineConnectorKind } from '@aftercommit/runtime-adapter';
import { configSchema, resourceSchema } from './sqlite-config.js';
import { SqliteConnector } from './sqlite-connector.js';

/** Tables in an SQLite file, which may hold those of others too. What it promises stands in the README. */
export const sqlite = defineConnectorKind({
  name: 'sqlite',
  configSchema,
  resourceSchema,
  resourcePath: ({ table }) => [table],
  // To SQLite, the case of ASCII letters does not tell tables apart; that of others does.
  resourceIdentity: ({ path }, { table }) =>
    JSON.stringify([normalize(path), table.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())]),
  isDelta: ({ delta = false }) => delta,
  connect: (task) => new SqliteConnector(task),
});
