import type { Document, DocumentValue, Json } from '@aftercommit/models';
import { parseDocument } from '@aftercommit/models';
import type { BindingKey, Connector, KeyValue, OpenedConnector } from '@aftercommit/runtime-adapter';
import { Client, type QueryResultRow } from 'pg';
import { type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { PostgresConnector } from '../src/postgres-connector.js';
import type { PostgresTask } from '../src/postgres-task.js';

/** What a session is opened with, where it differs from the bench's own. */
export type Given = {
  materialization?: string;
  epoch?: bigint;
  bindings?: PostgresTask['bindings'];
  config?: Partial<PostgresTask['config']>;
};

/** A binding whose key is `/id`, unless it is said. */
export function bind(
  table: string,
  given: { key?: string[]; delta?: boolean; schema?: string } = {},
): PostgresTask['bindings'][number] {
  const { key = ['/id'], ...resource } = given;
  return { collection: `acme/${table}`, key, resource: { table, ...resource } };
}

/** One server, a schema of its own for each test, and sessions on it. */
export class PostgresBench {
  readonly server: PostgresServer;
  readonly reader: Client;
  readonly warnings: string[] = [];
  schema = 'public';
  /** Of every session that is not opened with others. */
  bindings: PostgresTask['bindings'] = [bind('orders')];
  #schemas = 0;
  #epoch = 0n;
  #transactions = 0;
  #connectors: PostgresConnector[] = [];

  static async start(): Promise<PostgresBench> {
    const server = await startPostgres({ fsync: 'off' });
    const reader = new Client({ connectionString: server.url });
    await reader.connect();
    return new PostgresBench(server, reader);
  }

  private constructor(server: PostgresServer, reader: Client) {
    this.server = server;
    this.reader = reader;
  }

  /** Before each test: nothing of the one before is there. */
  async begin(): Promise<void> {
    this.#schemas += 1;
    this.schema = `test_${this.#schemas}`;
    this.warnings.length = 0;
    await this.reader.query(`CREATE SCHEMA ${this.schema}; SET search_path = ${this.schema}`);
  }

  async end(): Promise<void> {
    for (const connector of this.#connectors) await connector.close();
    this.#connectors = [];
    this.bindings = [bind('orders')];
  }

  async stop(): Promise<void> {
    await this.reader.end();
    await this.server.stop();
  }

  connect({ materialization = 'acme/orders', bindings = this.bindings, config }: Given = {}): PostgresConnector {
    const connector = new PostgresConnector({
      materialization,
      config: {
        address: `127.0.0.1:${this.server.port}`,
        database: 'postgres',
        user: 'postgres',
        schema: this.schema,
        ...config,
      },
      bindings,
      directory: '/',
      logger: { info: () => {}, warn: (message) => this.warnings.push(message) },
    });
    this.#connectors.push(connector);
    return connector;
  }

  /** A session of the next epoch. The one before is not closed, as after a crash. */
  async open(given: Given = {}): Promise<{ connector: PostgresConnector; opened: OpenedConnector }> {
    const connector = this.connect(given);
    this.#epoch = given.epoch ?? this.#epoch + 1n;
    return { connector, opened: await connector.open({ epoch: this.#epoch }) };
  }

  /** A session, and one whole transaction of it. */
  async write(...documents: Document[]): Promise<void> {
    const { connector } = await this.open();
    await this.commit(connector, ...documents);
  }

  /** A whole transaction. Its documents are for the first binding. */
  async commit(connector: Connector, ...documents: Document[]): Promise<Json> {
    this.#transactions += 1;
    const checkpoint = { transactionId: `transaction-${this.#transactions}` };
    await connector.acknowledge();
    await connector.flush();
    await connector.store(each(documents.map((document) => ({ binding: 0, key: keyOf(document), document }))));
    await connector.startCommit(checkpoint);
    return checkpoint;
  }

  async query<Row extends QueryResultRow>(sql: string): Promise<Row[]> {
    return (await this.reader.query<Row>(sql)).rows;
  }

  /** The columns of a table with their types, in their order. */
  async columns(table = 'orders'): Promise<Record<string, string>> {
    const rows = await this.query<{ name: string; type: string }>(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
        WHERE attrelid = '${this.schema}."${table}"'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    );
    return Object.fromEntries(rows.map(({ name, type }) => [name, type]));
  }

  /** What a column of the first table holds, as text, in the order of the ids. */
  async values(column: string): Promise<Array<string | null>> {
    const rows = await this.query<{ value: string | null }>(
      `SELECT "${column.replaceAll('"', '""')}"::text AS value FROM orders ORDER BY id`,
    );
    return rows.map(({ value }) => value);
  }

  async documents(table = 'orders'): Promise<DocumentValue[]> {
    const rows = await this.query<{ text: string }>(`SELECT flow_document::text AS text FROM "${table}" ORDER BY ctid`);
    return rows.map(({ text }) => parseDocument(text));
  }
}

function keyOf({ id }: Document): KeyValue[] {
  return [id as KeyValue];
}

export async function* each<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

/** The documents that are stored under ids of the first binding. */
export async function load(connector: Connector, ...ids: KeyValue[]): Promise<Document[]> {
  const keys: BindingKey[] = ids.map((id) => ({ binding: 0, key: [id] }));
  const found: Document[] = [];
  for await (const { document } of connector.load(each(keys))) found.push(document);
  return found;
}
