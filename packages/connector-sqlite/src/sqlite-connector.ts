import { printDocument } from '@aftercommit/models';
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
import { ApplyGate } from './apply-gate.js';
import { closedError } from './endpoint-database.js';
import type { DueWork, EndpointSession } from './endpoint-session.js';
import { openEndpoint } from './open-endpoint.js';
import type { SqliteTask } from './sqlite-task.js';
import { stateNaming, stateNamingNone } from './staging.js';
import { untilAborted } from './until-aborted.js';

/** One session with an SQLite file. Collects a transaction in memory, and writes it in one go at `startCommit`. */
export class SqliteConnector implements Connector {
  readonly runtimeCheckpointOwner: 'store' | 'endpoint';
  readonly #task: SqliteTask;
  readonly #gate = new ApplyGate();
  readonly #closing = new AbortController();
  #session: EndpointSession | undefined;
  #documents: StoreDocument[] = [];
  /** What the next acknowledge has to do. Undefined: nothing. */
  #due: DueWork | undefined;
  /** Whether the state that the store keeps names a staging. */
  #isStagingNamed = false;

  constructor(task: SqliteTask) {
    this.runtimeCheckpointOwner = task.config.runtimeCheckpointOwner ?? 'endpoint';
    this.#task = task;
  }

  async open(from: OpenConnector): Promise<OpenedConnector> {
    if (this.#session !== undefined) throw new Error(`${this.#task.materialization}: the connector was opened before.`);
    if (this.#closing.signal.aborted) throw this.#closedError();
    const { session, recovery, newBindings, due, isStagingNamed } = openEndpoint(this.#task, from);
    const { runtimeCheckpoint, divergence } = recovery;
    this.#session = session;
    this.#isStagingNamed = isStagingNamed;
    if (due !== undefined) this.#await(due);
    return {
      newBindings,
      ...(runtimeCheckpoint === undefined ? {} : { runtimeCheckpoint }),
      ...(divergence === undefined ? {} : { divergence }),
    };
  }

  async acknowledge(): Promise<ConnectorProgress> {
    const session = this.#opened();
    const due = this.#due;
    if (due === undefined) return {};
    this.#settle(session, due);
    // Called in spite of the divergence: the operator accepted what is here.
    return due.isDiverged === true ? { connectorState: stateNamingNone() } : {};
  }

  async *load(keys: AsyncIterable<BindingKey>): AsyncGenerator<LoadedDocument> {
    const session = this.#opened();
    const { signal } = this.#closing;
    if (!(await this.#gate.passed())) return;
    const answered = new Set<string>();
    for await (const key of untilAborted(keys, signal)) {
      const identity = printDocument([key.binding, ...key.key]);
      const document = answered.has(identity) ? undefined : session.find(key);
      if (document === undefined) continue;
      answered.add(identity);
      yield { binding: key.binding, document };
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

  async startCommit(runtimeCheckpoint: RuntimeCheckpointValue): Promise<ConnectorProgress> {
    const session = this.#settled();
    const documents = this.#documents;
    this.#documents = [];
    if (this.runtimeCheckpointOwner === 'store') {
      const pending = session.stage(documents, runtimeCheckpoint.transactionId);
      this.#await({ pending });
      return { connectorState: stateNaming(pending) };
    }
    session.commit(documents, runtimeCheckpoint);
    const wasNamed = this.#isStagingNamed;
    this.#isStagingNamed = false;
    return wasNamed ? { connectorState: stateNamingNone() } : {};
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#gate.end();
    this.#documents = [];
    this.#session?.close();
  }

  #await(due: DueWork): void {
    this.#due = due;
    this.#gate.shut();
  }

  #settle(session: EndpointSession, due: DueWork): void {
    try {
      session.settle(due);
    } catch (error) {
      this.#gate.fail(error);
      throw error;
    }
    this.#due = undefined;
    this.#gate.open();
  }

  #opened(): EndpointSession {
    if (this.#session === undefined || this.#closing.signal.aborted) throw this.#closedError();
    return this.#session;
  }

  /** The session, when everything committed before is applied. */
  #settled(): EndpointSession {
    const session = this.#opened();
    if (this.#due === undefined) return session;
    throw new Error(`${this.#task.materialization}: acknowledge comes before flush and startCommit.`);
  }

  #closedError(): Error {
    return closedError(this.#task.materialization, this.#task.config.path);
  }
}
