import { printDocument } from '@aftercommit/models';
import type { WriteBatch } from '@aftercommit/persistence';
import type {
  BindingKey,
  Connector,
  ConnectorProgress,
  LoadedDocument,
  OpenConnector,
  OpenedConnector,
  RuntimeCheckpointValue,
  StoreDocument,
} from '@aftercommit/runtime-adapter';
import { closedError } from './endpoint-connection.js';
import type { EndpointSession } from './endpoint-session.js';
import { inBatches } from './in-batches.js';
import { openEndpoint } from './open-endpoint.js';
import { type PostgresTask, placeOf } from './postgres-task.js';
import { writeBatch } from './store-here.js';
import type { WantedTable } from './table-record.js';

/** Keys that are looked up by one statement at most. */
const maxKeys = 1_000;

/** One session with a database. Collects a transaction in memory, and writes it in one go at `startCommit`. */
export class PostgresConnector implements Connector {
  readonly runtimeCheckpointOwner = 'endpoint';
  readonly #task: PostgresTask;
  readonly #closing = new AbortController();
  #session: EndpointSession | undefined;
  #documents: StoreDocument[] = [];
  /** Tables that the first acknowledge has to make anew: until then nothing is in them. */
  #replaced: readonly WantedTable[] = [];

  constructor(task: PostgresTask) {
    this.#task = task;
  }

  async open(from: OpenConnector): Promise<OpenedConnector> {
    if (this.#session !== undefined) throw new Error(`${this.#task.materialization}: the connector was opened before.`);
    if (this.#closing.signal.aborted) throw this.#closedError();
    const { session, runtimeCheckpoint, newBindings, replaced, isStoreHere } = await openEndpoint(
      this.#task,
      from,
      this.#closing.signal,
    );
    this.#session = session;
    this.#replaced = replaced;
    return {
      newBindings,
      commitsBatch: isStoreHere,
      ...(runtimeCheckpoint === undefined ? {} : { runtimeCheckpoint }),
    };
  }

  async acknowledge(): Promise<ConnectorProgress> {
    const session = this.#opened();
    if (this.#replaced.length > 0) await session.replace(this.#replaced);
    this.#replaced = [];
    return {};
  }

  async *load(keys: AsyncIterable<BindingKey>): AsyncGenerator<LoadedDocument> {
    const session = this.#opened();
    const asked = new Set<string>();
    for await (const batch of inBatches(keys, maxKeys, this.#closing.signal)) {
      const fresh = batch.filter((key) => isFirst(asked, key));
      const bindings = new Set(fresh.map(({ binding }) => binding));
      for (const binding of bindings) {
        const ofBinding = fresh.filter((key) => key.binding === binding).map(({ key }) => key);
        for (const document of await session.find(binding, ofBinding)) yield { binding, document };
      }
    }
  }

  async flush(): Promise<ConnectorProgress> {
    this.#settled();
    return {};
  }

  async store(documents: AsyncIterable<StoreDocument>): Promise<void> {
    const session = this.#opened();
    for await (const document of documents) {
      session.assertKeepable(document);
      this.#documents.push(document);
    }
  }

  async startCommit(runtimeCheckpoint: RuntimeCheckpointValue, batch?: WriteBatch): Promise<ConnectorProgress> {
    const session = this.#settled();
    const documents = this.#documents;
    this.#documents = [];
    const { stateSchema } = this.#task.config;
    await session.commit(documents, runtimeCheckpoint, batch && ((queries) => writeBatch(queries, batch, stateSchema)));
    return {};
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#documents = [];
    this.#session?.close();
  }

  #opened(): EndpointSession {
    if (this.#session === undefined || this.#closing.signal.aborted) throw this.#closedError();
    return this.#session;
  }

  /** The session, when what had to be made anew is there. */
  #settled(): EndpointSession {
    const session = this.#opened();
    if (this.#replaced.length === 0) return session;
    throw new Error(`${this.#task.materialization}: acknowledge comes before flush and startCommit.`);
  }

  #closedError(): Error {
    return closedError(placeOf(this.#task));
  }
}

/** Whether the key was not asked for before; it is from now on. */
function isFirst(asked: Set<string>, { binding, key }: BindingKey): boolean {
  const before = asked.size;
  return asked.add(printDocument([binding, ...key])).size > before;
}
