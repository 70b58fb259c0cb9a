import {
  type BindingKey,
  type Connector,
  ConnectorError,
  type ConnectorProgress,
  type LoadedDocument,
  type OpenConnector,
  type OpenedConnector,
  type RuntimeCheckpointValue,
  type StoreDocument,
} from '@aftercommit/runtime-adapter';
import type { MemoryEndpoint } from '@aftercommit/testkit';
import { bindings, logBindings } from './simulated-endpoint.js';
import type { SimulatedProcess } from './simulated-process.js';

/** How the endpoint treats a session. */
export type EndpointManners = {
  runtimeCheckpointOwner: 'store' | 'endpoint';
  /** The median of what it takes to apply what was committed, in milliseconds. */
  applyMs: number;
  /** How probable it is that a call finds the endpoint out of order. */
  failing: number;
};

/** Told what a transaction consists of, at the moment when it is committed or staged. */
export type TransactionWitness = (transactionId: string, documents: readonly number[], isCommitted: boolean) => void;

/** A session's way to the endpoint: every call takes its time there and back, and may fail. */
export class SimulatedConnector implements Connector {
  readonly runtimeCheckpointOwner: 'store' | 'endpoint';
  readonly #inner: Connector;
  readonly #process: SimulatedProcess;
  readonly #manners: EndpointManners;
  readonly #witness: TransactionWitness;
  readonly #noteEnding: () => void;
  /** Of the transaction that is being stored. */
  #documents: number[] = [];

  /** @param noteEnding Told when the session has begun to end. */
  constructor(
    endpoint: MemoryEndpoint,
    process: SimulatedProcess,
    manners: EndpointManners,
    witness: TransactionWitness,
    noteEnding: () => void,
  ) {
    this.runtimeCheckpointOwner = manners.runtimeCheckpointOwner;
    this.#inner = endpoint.connect({
      bindings: bindings.map(({ key, isDelta = false }) => ({ key, isDelta })),
      runtimeCheckpointOwner: manners.runtimeCheckpointOwner,
    });
    this.#process = process;
    this.#manners = manners;
    this.#witness = witness;
    this.#noteEnding = noteEnding;
  }

  open(from: OpenConnector): Promise<OpenedConnector> {
    return this.#call(3, () => this.#inner.open(from));
  }

  acknowledge(): Promise<ConnectorProgress> {
    return this.#call(this.#manners.applyMs, () => this.#inner.acknowledge());
  }

  async *load(keys: AsyncIterable<BindingKey>): AsyncGenerator<LoadedDocument> {
    for await (const loaded of this.#inner.load(keys)) yield await this.#call(1, async () => loaded);
  }

  flush(): Promise<ConnectorProgress> {
    return this.#call(1, () => this.#inner.flush());
  }

  store(documents: AsyncIterable<StoreDocument>): Promise<void> {
    this.#documents = [];
    return this.#call(1, () => this.#inner.store(this.#noted(documents)));
  }

  startCommit(runtimeCheckpoint: RuntimeCheckpointValue): Promise<ConnectorProgress> {
    return this.#call(3, async () => {
      const progress = await this.#inner.startCommit(runtimeCheckpoint);
      const isCommitted = this.runtimeCheckpointOwner === 'endpoint';
      this.#witness(runtimeCheckpoint.transactionId, this.#documents, isCommitted);
      return progress;
    });
  }

  async close(): Promise<void> {
    this.#noteEnding();
    await this.#inner.close();
  }

  async *#noted(documents: AsyncIterable<StoreDocument>): AsyncGenerator<StoreDocument> {
    for await (const stored of documents) {
      if (logBindings.includes(stored.binding)) this.#documents.push(Number(stored.document['number']));
      yield stored;
    }
  }

  #call<Answer>(medianMs: number, call: () => Promise<Answer>): Promise<Answer> {
    const { chance } = this.#process;
    // Lost on the way there or on the way back: the session cannot know which.
    const lost = chance.happens(this.#manners.failing) ? chance.pick(['request', 'reply']) : undefined;
    const effect = async (): Promise<Answer> => {
      if (lost === 'reply') await call();
      if (lost !== undefined)
        throw new ConnectorError('ENDPOINT_UNAVAILABLE', 'The simulated endpoint did not answer.');
      return await call();
    };
    return this.#process.ask({
      thereMs: chance.durationMs(medianMs),
      backMs: chance.durationMs(1),
      canOutlive: true,
      effect,
    });
  }
}
