import { type Document, parseDocument } from '@aftercommit/models';
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
import { untilEnded } from './memory-endpoint-keys.js';
import { MemoryEndpointOrder } from './memory-endpoint-order.js';
import { namedStaging, type Recovery, recover, stateNaming } from './memory-endpoint-recovery.js';
import { type MemoryBindings, MemoryEndpointRows } from './memory-endpoint-rows.js';
import {
  afterAccepting,
  afterApplying,
  afterCommitting,
  afterOpening,
  afterRemoving,
  afterStaging,
  isNamed,
  type MemoryEndpointState,
  type StagingName,
  type StoredRow,
} from './memory-endpoint-state.js';

/** What a connector to an endpoint in memory is made for. */
export type MemoryConnectorOptions = {
  /** What it is bound to. */
  bindings: MemoryBindings;
  /** Who keeps the runtime checkpoint: see `Connector`. */
  runtimeCheckpointOwner: 'store' | 'endpoint';
};

/** Runs one transaction of the endpoint: all of it, or nothing when it throws. Gives back the state after it. */
type Transact = (transaction: (state: MemoryEndpointState) => MemoryEndpointState) => MemoryEndpointState;

const clearedState: ConnectorProgress = { connectorState: { updated: {}, mergePatch: false } };

/** One session on an endpoint in memory. */
export class MemoryConnector implements Connector {
  readonly runtimeCheckpointOwner: 'store' | 'endpoint';
  readonly #transact: Transact;
  readonly #order = new MemoryEndpointOrder();
  readonly #rows: MemoryEndpointRows;
  #epoch = 0n;
  /** What connector state names, as far as this session knows. */
  #named: StagingName | undefined;
  /** What the next acknowledge has to do. Empty: everything that is committed is applied. */
  #recovery: Recovery = {};
  #loads = 0;
  /** Resolves when everything that is committed is applied, and when the session ends. */
  #applied = Promise.resolve();
  #announceApplied = (): void => undefined;
  #announceEnd = (): void => undefined;
  readonly #ended = new Promise<void>((resolve) => {
    this.#announceEnd = resolve;
  });

  constructor({ bindings, runtimeCheckpointOwner }: MemoryConnectorOptions, transact: Transact) {
    this.#rows = new MemoryEndpointRows(bindings);
    this.runtimeCheckpointOwner = runtimeCheckpointOwner;
    this.#transact = transact;
  }

  async open({ epoch, connectorState }: OpenConnector): Promise<OpenedConnector> {
    await this.#step(() => this.#order.beginOpen());
    // Refused, it has done nothing yet: it may be asked once more, with a higher epoch.
    const state = this.#transact((before) => afterOpening(before, epoch));
    return await this.#step(() => {
      this.#epoch = epoch;
      this.#named = namedStaging(connectorState);
      const isLeftOver = state.stagings.some((staging) => staging.epoch < epoch && !isNamed(staging, this.#named));
      this.#recovery = { ...recover(state, this.#named), isLeftOver };
      const { pending, runtimeCheckpoint, divergence } = this.#recovery;
      if (pending !== undefined) this.#awaitApply();
      this.#order.opened();
      return {
        newBindings: this.#rows.newBindings(state.tables, pending?.rows ?? []),
        ...(runtimeCheckpoint !== undefined && { runtimeCheckpoint }),
        ...(divergence !== undefined && { divergence }),
      };
    });
  }

  acknowledge(): Promise<ConnectorProgress> {
    return this.#step(() => {
      this.#order.beginAcknowledge();
      const { divergence } = this.#recovery;
      this.#settle(this.#recovery);
      this.#recovery = {};
      this.#announceApplied();
      this.#order.acknowledged();
      return divergence === undefined ? {} : clearedState;
    });
  }

  async *load(keys: AsyncIterable<BindingKey>): AsyncGenerator<LoadedDocument> {
    this.#loads += 1;
    const answered = new Set<string>();
    try {
      this.#order.beginLoad();
      for await (const bindingKey of untilEnded(keys, this.#ended)) {
        await Promise.race([this.#applied, this.#ended]);
        if (this.#order.isClosed) return;
        this.#order.throwFailure();
        const { binding } = bindingKey;
        const key = this.#rows.keyText(bindingKey);
        const text = this.#state().tables.get(binding)?.get(key);
        if (text === undefined || answered.has(`${binding} ${key}`)) continue;
        answered.add(`${binding} ${key}`);
        yield { binding, document: parseDocument(text) as Document };
      }
      this.#order.throwFailure();
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      this.#loads -= 1;
    }
  }

  flush(): Promise<ConnectorProgress> {
    return this.#step(() => {
      this.#order.beginFlush(this.#loads > 0);
      return {};
    });
  }

  store(documents: AsyncIterable<StoreDocument>): Promise<void> {
    return this.#step(async () => {
      this.#order.beginStore();
      for await (const stored of documents) this.#rows.add(stored);
    });
  }

  startCommit(runtimeCheckpoint: RuntimeCheckpointValue): Promise<ConnectorProgress> {
    return this.#step(() => {
      this.#order.beginStartCommit();
      const rows = this.#rows.take();
      const progress =
        this.runtimeCheckpointOwner === 'endpoint'
          ? this.#commit(rows, runtimeCheckpoint)
          : this.#stage(rows, runtimeCheckpoint.transactionId);
      this.#order.committed();
      return progress;
    });
  }

  async close(): Promise<void> {
    this.#order.closed();
    this.#announceEnd();
  }

  #commit(rows: readonly StoredRow[], runtimeCheckpoint: RuntimeCheckpointValue): ConnectorProgress {
    const text = JSON.stringify(runtimeCheckpoint);
    this.#transact((state) => afterCommitting(state, this.#epoch, rows, text));
    // A name that the other mode left would look like a lost staging once this checkpoint is superseded.
    const hasName = this.#named !== undefined;
    this.#named = undefined;
    return hasName ? clearedState : {};
  }

  #stage(rows: readonly StoredRow[], transactionId: string): ConnectorProgress {
    const staging = { transactionId, epoch: this.#epoch, rows };
    this.#transact((state) => afterStaging(state, staging));
    this.#named = staging;
    this.#recovery = { pending: staging };
    this.#awaitApply();
    return { connectorState: { updated: stateNaming(staging), mergePatch: false } };
  }

  /** One transaction, and none where nothing is to be done. */
  #settle({ pending, divergence, isLeftOver = false }: Recovery): void {
    if (pending === undefined && divergence === undefined && !isLeftOver) return;
    this.#transact((state) => {
      const applied = pending === undefined ? state : afterApplying(state, this.#epoch, pending);
      const accepted = divergence === undefined ? applied : afterAccepting(applied, this.#epoch);
      return afterRemoving(accepted, this.#epoch);
    });
  }

  #awaitApply(): void {
    this.#applied = new Promise((resolve) => {
      this.#announceApplied = resolve;
    });
  }

  #state(): MemoryEndpointState {
    return this.#transact((state) => state);
  }

  async #step<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.#order.failed(error);
    this.#announceEnd();
  }
}
