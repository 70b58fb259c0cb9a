import { type Document, parseDocument } from '@aftercommit/models';
import { PostgresStore } from '@aftercommit/persistence-postgres';
import type { Connector } from '@aftercommit/runtime-adapter';
import { conformanceBindings, connectorConformance, type EndpointUnderTest } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { postgres } from './postgres-kind.js';

let server: PostgresServer;
let reader: Client;
let endpoints = 0;

/** Through the kind, as a program that reads specs makes its connectors. Each endpoint is a schema of one database. */
class SchemaUnderTest implements EndpointUnderTest {
  readonly schema: string;

  constructor(schema: string) {
    this.schema = schema;
  }

  connect(): Connector {
    return postgres.connect({
      materialization: 'conformance',
      config: { address: `127.0.0.1:${server.port}`, database: 'postgres', user: 'postgres', schema: this.schema },
      bindings: conformanceBindings.map(({ collection, key, isDelta }, index) => ({
        collection,
        key,
        resource: { table: `rows_${index}`, delta: isDelta },
      })),
      directory: '/',
      logger: { info: () => {}, warn: () => {} },
    });
  }

  async rows(binding: number): Promise<Document[]> {
    const { rows } = await reader.query<{ document: string }>(
      `SELECT flow_document::text AS document FROM ${this.schema}.rows_${binding}`,
    );
    return rows.map(({ document }) => parseDocument(document) as Document);
  }

  async remove(): Promise<void> {}
}

describe.skipIf(missingPostgres !== undefined)('a PostgreSQL endpoint', () => {
  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off' });
    reader = new Client({ connectionString: server.url });
    await reader.connect();
  });
  afterAll(async () => {
    await reader.end();
    await server.stop();
  });

  const subject = {
    runtimeCheckpointOwner: 'endpoint',
    hasDeltaBinding: true,
    openStore: () => PostgresStore.open(server.url),
    create: async () => {
      endpoints += 1;
      await reader.query(`CREATE SCHEMA endpoint_${endpoints}`);
      return new SchemaUnderTest(`endpoint_${endpoints}`);
    },
  } as const;
  for (const { title, run, skip } of connectorConformance(subject)) test.skipIf(skip !== undefined)(title, run);
});
