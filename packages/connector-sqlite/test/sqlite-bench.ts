import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, type DocumentValue, type Json, parseDocument } from '@aftercommit/models';
import type { BindingKey, Connector, KeyValue, LoadedDocument, OpenedConnector } from '@aftercommit/runtime-adapter';
import Database from 'better-sqlite3';
import { SqliteConnector } from '../src/sqlite-connector.js';
import type { SqliteTask } from '../src/sqlite-task.js';

export type Owner = 'store' | 'endpoint';

/** What a session is opened with, where it differs from the bench's own. */
export type Given = {
  owner?: Owner;
  materialization?: string;
  epoch?: bigint;
  state?: Json | undefined;
  bindings?: SqliteTask['bindings'];
  path?: string;
};

export type Opened = { connector: SqliteConnector; opened: OpenedConnector };

/** A binding whose key is `/id`, unless it is said. */
export function bind(table: string, given: { key?: string[]; delta?: boolean } = {}): SqliteTask['bindings'][number] {
  const { key = ['/id'], delta } = given;
  return { collection: `acme/${table}`, key, resource: { table, ...(delta === undefined ? {} : { delta }) } };
}

/** One file, sessions on it, and as much of a store as they need. */
export class SqliteBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'aftercommit-endpoint-'));
  readonly file = join(this.folder, 'orders.db');
  readonly warnings: string[] = [];
  /** What the store committed last. */
  state: Json | undefined;
  /** Of the session that was opened last. */
  epoch = 0n;
  /** Counts the transactions, so that each has another id. */
  transactions = 0;
  /** Of every session that is not opened with others. */
  bindings: SqliteTask['bindings'] = [bind('orders')];
  readonly #connectors: SqliteConnector[] = [];
  #reader: Database.Database | undefined;

  connect(given: Given = {}): SqliteConnector {
    const { owner, materialization = 'acme/orders', bindings = this.bindings, path = 'orders.db' } = given;
    const connector = new SqliteConnector({
      materialization,
      config: { path, ...(owner === undefined ? {} : { runtimeCheckpointOwner: owner }) },
      bindings,
      directory: this.folder,
      logger: { info: () => {}, warn: (message) => this.warnings.push(message) },
    });
    this.#connectors.push(connector);
    return connector;
  }

  /** A session of the next epoch. The one before is not closed, as after a crash. */
  async open(given: Given = {}): Promise<Opened> {
    const connector = this.connect(given);
    this.epoch = given.epoch ?? this.epoch + 1n;
    const state = 'state' in given ? given.state : this.state;
    const opened = await connector.open({
      epoch: this.epoch,
      ...(state === undefined ? {} : { connectorState: state }),
    });
    return { connector, opened };
  }

  /** A whole transaction, which the store commits too. */
  async commit(connector: Connector, ...documents: Document[]): Promise<void> {
    await this.startCommit(connector, ...documents);
    this.keep();
  }

  /** A transaction whose commit in the store never comes, unless `keep` is called. */
  async startCommit(connector: Connector, ...documents: Document[]): Promise<{ transactionId: string }> {
    await connector.acknowledge();
    return this.storeAndStart(connector, ...documents);
  }

  /** The same without the acknowledge before it. */
  async storeAndStart(connector: Connector, ...documents: Document[]): Promise<{ transactionId: string }> {
    this.transactions += 1;
    const checkpoint = { transactionId: `transaction-${this.transactions}`, position: documents.length };
    await connector.flush();
    await connector.store(each(documents.map((document) => ({ binding: 0, key: keyOf(document), document }))));
    const { connectorState } = await connector.startCommit(checkpoint);
    this.#next = connectorState?.updated ?? this.state;
    return checkpoint;
  }

  #next: Json | undefined;

  /** The store commits what `startCommit` returned. */
  keep(): void {
    this.state = this.#next;
  }

  /** What a reader of the file sees, integers as bigints. */
  query<Row = Record<string, unknown>>(sql: string): Row[] {
    this.#reader ??= new Database(this.file);
    return this.#reader.prepare<[], Row>(sql).safeIntegers().all();
  }

  /** What a column of the first table holds: rows as objects would lose one that is called `__proto__`. */
  values(column: string): unknown[] {
    return this.query<{ value: unknown }>(`SELECT "${column.replaceAll('"', '""')}" AS value FROM orders`).map(
      ({ value }) => value,
    );
  }

  /** The documents of a table, in the order of their rows. */
  documents(table = 'orders'): DocumentValue[] {
    const rows = this.query<{ flow_document: string }>(`SELECT flow_document FROM "${table}" ORDER BY rowid`);
    return rows.map(({ flow_document }) => parseDocument(flow_document));
  }

  /** Does something to the file that no session knows of. */
  exec(sql: string): void {
    this.#reader ??= new Database(this.file);
    this.#reader.exec(sql);
  }

  async remove(): Promise<void> {
    this.#reader?.close();
    for (const connector of this.#connectors) await connector.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** A value that no document has here is no key. */
function keyOf({ id }: Document): KeyValue[] {
  return [id as KeyValue];
}

export async function* each<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

/** The documents that are stored under ids of the first binding. */
export async function load(connector: Connector, ...ids: KeyValue[]): Promise<Document[]> {
  const keys: BindingKey[] = ids.map((id) => ({ binding: 0, key: [id] }));
  return (await collect(connector.load(each(keys)))).map(({ document }) => document);
}

export async function collect(answers: AsyncIterable<LoadedDocument>): Promise<LoadedDocument[]> {
  const all: LoadedDocument[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
}
