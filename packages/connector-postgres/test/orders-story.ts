import assert from 'node:assert/strict';
import { compileTriggers } from '@aftercommit/delivery';
import type { Document } from '@aftercommit/models';
import type { Store } from '@aftercommit/persistence';
import { taskKeys } from '@aftercommit/persistence/records';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { type MaterializationOptions, materialize, type Source } from '@aftercommit/runtime-adapter';
import { type ScriptedKind, scriptedKind } from '@aftercommit/testkit';
import type { Client } from 'pg';
import { postgres } from '../src/postgres-kind.js';

const docsOfTransaction = 3;
const docsOfAll = 6;

/** Each document is merged into one of three, and leaves a field of its own there: what is lost, or merged twice, shows. */
const documents: Document[] = Array.from({ length: docsOfAll }, (_, index) => ({
  id: index % 3,
  [`n${index}`]: index,
}));

const orders: Source = {
  async open(position) {
    let read = Number(position ?? 0);
    return {
      async next(limit) {
        const page = documents.slice(read, read + Math.min(limit, docsOfTransaction));
        if (page.length === 0) return undefined;
        read += page.length;
        return {
          documents: page.map((document) => ({ document, bytes: 10, place: 'a document of the story' })),
          position: read,
          isCaughtUp: read === documents.length,
        };
      },
      async close() {},
    };
  },
};

/** One materialization into a schema of its own, through sessions that may end at any moment, and what its trigger delivers. */
export class OrdersStory {
  readonly store: Store;
  readonly #schema: string;
  readonly #kind: ScriptedKind = scriptedKind();

  constructor(store: Store, schema: string) {
    this.store = store;
    this.#schema = schema;
  }

  /** @param port Of the server, or of what stands before it. */
  options(port: number): MaterializationOptions {
    const { store } = this;
    const collection = 'acme/orders';
    const key = ['/id'];
    const tables = [{ table: 'orders' }, { table: 'log', delta: true }];
    const logger = { info: () => {}, warn: () => {} };
    return {
      store,
      materialization: this.#schema,
      connector: postgres.connect({
        materialization: this.#schema,
        config: { address: `127.0.0.1:${port}`, database: 'postgres', user: 'postgres', schema: this.#schema },
        bindings: tables.map((resource) => ({ collection, key, resource })),
        directory: '/',
        logger,
      }),
      bindings: [
        { collection, resourcePath: ['orders'], key, reduce: 'merge' },
        { collection, resourcePath: ['log'], key, isDelta: true },
      ],
      sources: new Map([[collection, orders]]),
      triggers: compileTriggers(
        { config: { tell: { kind: 'scripted', target: 'a', payloadTemplate: '{"docs": {{docs_total}}}' } } },
        new TriggerKindRegistry([this.#kind]),
      ),
      transactions: { maxDocs: docsOfTransaction },
      environment: { logger },
    };
  }

  async run(port: number): Promise<void> {
    await materialize(this.options(port));
  }

  /** Every document counts once in the rows, and once in what was delivered. */
  async assertAllOnce(reader: Client): Promise<void> {
    const log = await this.#documents(reader, 'log');
    assert.deepEqual(
      log.map((document) => JSON.stringify(document)).sort(),
      documents.map((document) => JSON.stringify(document)).sort(),
    );
    const merged = [0, 1, 2].map((id) => Object.assign({}, ...documents.filter((document) => document['id'] === id)));
    const rows = await this.#documents(reader, 'orders');
    assert.deepEqual(
      rows.sort((left, right) => Number(left['id']) - Number(right['id'])),
      merged,
    );
    const payloads = new Map(this.#kind.attempts.map(({ idempotencyKey, payload }) => [idempotencyKey, payload]));
    const delivered = [...payloads.values()].map((payload) => JSON.parse(payload) as { docs: number });
    const docs = delivered.reduce((sum, each) => sum + each.docs, 0);
    assert.equal(docs, docsOfAll, 'documents in what was delivered');
  }

  /** In which transactions of the database rows were appended, and a store in there committed. In order. */
  async transactions(reader: Client): Promise<{ ofRows: string[]; ofCommits: string[] }> {
    const ofRows = await reader.query<{ id: string }>(
      `SELECT DISTINCT xmin::text AS id FROM ${this.#schema}.log ORDER BY id`,
    );
    const ofCommits = await reader.query<{ id: string }>(
      `SELECT DISTINCT xmin::text AS id FROM aftercommit.entry
        WHERE task = convert_to($1, 'UTF8') AND starts_with(convert_from(key, 'UTF8'), $2) ORDER BY id`,
      [this.#schema, taskKeys.committed],
    );
    return { ofRows: ofRows.rows.map(({ id }) => id), ofCommits: ofCommits.rows.map(({ id }) => id) };
  }

  async #documents(reader: Client, table: string): Promise<Document[]> {
    const { rows } = await reader.query<{ flow_document: Document }>(
      `SELECT flow_document FROM ${this.#schema}.${table}`,
    );
    return rows.map(({ flow_document }) => flow_document);
  }
}
