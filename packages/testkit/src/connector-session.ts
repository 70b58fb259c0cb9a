import type { WriteBatch } from '@aftercommit/persistence';
import type {
  BindingKey,
  Connector,
  LoadedDocument,
  OpenedConnector,
  RuntimeCheckpointValue,
  StoreDocument,
} from '@aftercommit/runtime-adapter';
import type { ConnectorBench } from './connector-bench.js';
import { type Kept, withProgress } from './connector-kept.js';
import { conformanceBindings } from './connector-subject.js';

/** One session of a connector, driven as the runtime does. A call that does not settle fails. */
export class ConnectorSession {
  readonly connector: Connector;
  readonly opened: OpenedConnector;
  readonly #bench: ConnectorBench;
  /** With the states that were returned since the store committed: they become durable with its next write. */
  #known: Kept;

  constructor(bench: ConnectorBench, connector: Connector, opened: OpenedConnector, kept: Kept) {
    this.#bench = bench;
    this.connector = connector;
    this.opened = opened;
    this.#known = kept;
  }

  /** Of the bindings that are looked up, those that the connector says hold nothing. */
  get newBindings(): number[] {
    return [...this.opened.newBindings]
      .filter((index) => !(conformanceBindings[index]?.isDelta ?? false))
      .sort((left, right) => left - right);
  }

  async acknowledge(): Promise<void> {
    const progress = await this.#bench.settled(this.connector.acknowledge(), 'acknowledge()');
    this.#known = withProgress(this.#known, progress);
  }

  /** Every answer to the keys. It is the caller who acknowledges, before or beside it. */
  load(keys: Iterable<BindingKey> | AsyncIterable<BindingKey>): Promise<LoadedDocument[]> {
    return this.#bench.settled(collected(this.connector.load(asynchronous(keys))), 'load()');
  }

  /** Acknowledges and loads side by side. */
  async lookUp(keys: Iterable<BindingKey> | AsyncIterable<BindingKey>): Promise<LoadedDocument[]> {
    const [, answers] = await Promise.all([this.acknowledge(), this.load(keys)]);
    return answers;
  }

  /** A transaction up to the moment before `startCommit`. */
  async store(documents: Iterable<StoreDocument> | AsyncIterable<StoreDocument>): Promise<void> {
    await this.lookUp([]);
    await this.storeLoaded(documents);
  }

  /** The same, for who called `lookUp` already. */
  async storeLoaded(documents: Iterable<StoreDocument> | AsyncIterable<StoreDocument>): Promise<void> {
    const progress = await this.#bench.settled(this.connector.flush(), 'flush()');
    this.#known = withProgress(this.#known, progress);
    await this.#bench.settled(this.connector.store(asynchronous(documents)), 'store()');
  }

  /**
   * What the store is to commit, for `ConnectorBench.keep`.
   *
   * @param batch What it commits with the rows. Undefined: nothing.
   */
  async startCommit(
    runtimeCheckpoint: RuntimeCheckpointValue = this.#bench.nextRuntimeCheckpoint(),
    batch?: WriteBatch,
  ): Promise<Kept> {
    const progress = await this.#bench.settled(this.connector.startCommit(runtimeCheckpoint, batch), 'startCommit()');
    this.#known = { ...withProgress(this.#known, progress), runtimeCheckpoint };
    return this.#known;
  }

  /** A whole transaction that looks nothing up, committed by the store too. */
  async commit(documents: Iterable<StoreDocument> | AsyncIterable<StoreDocument>): Promise<void> {
    await this.store(documents);
    this.#bench.keep(await this.startCommit());
  }

  /** What the store would hold if it wrote now, as it does between two transactions. */
  get known(): Kept {
    return this.#known;
  }

  async close(): Promise<void> {
    await this.#bench.close(this.connector);
  }
}

export async function* asynchronous<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
