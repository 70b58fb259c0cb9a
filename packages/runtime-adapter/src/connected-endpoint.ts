import { type Json, mergePatch } from '@aftercommit/models';
import type { TaskState, WriteBatch } from '@aftercommit/persistence';
import { type LargestKeyRecord, type RuntimeCheckpoint, taskKeys } from '@aftercommit/persistence/records';
import type { Connector, ConnectorProgress } from './connector.js';
import { LargestKeys } from './largest-keys.js';
import type { MaterializationBinding } from './materialization-options.js';
import type { Reconciled } from './reconcile-checkpoints.js';
import type { EndpointFindings, SessionEndpoint } from './session-endpoint.js';

/** A connector's part in a session, and what is kept in the store for it: its state, and the largest keys. */
export class ConnectedEndpoint implements SessionEndpoint {
  readonly owner: 'store' | 'endpoint';
  readonly #connector: Connector;
  readonly #bindings: readonly MaterializationBinding[];
  #state: { value: Json | undefined; isKept: boolean } = { value: undefined, isKept: true };
  #stored = new Map<string, LargestKeyRecord>();
  #newBindings: ReadonlySet<number> = new Set();
  #commitsBatch = false;
  #largestKeys: LargestKeys | undefined;

  constructor(connector: Connector, bindings: readonly MaterializationBinding[]) {
    this.owner = connector.runtimeCheckpointOwner;
    this.#connector = connector;
    this.#bindings = bindings;
  }

  async open(state: TaskState, stored: RuntimeCheckpoint | undefined): Promise<EndpointFindings> {
    this.#state.value = await state.get(taskKeys.connectorState);
    this.#stored = new Map((await state.list(taskKeys.largestKeys)) as Array<[string, LargestKeyRecord]>);
    const { runtimeCheckpoint, newBindings, commitsBatch, divergence } = await this.#connector.open({
      epoch: state.fence.epoch,
      fence: state.fence,
      ...(stored === undefined ? {} : { runtimeCheckpoint: stored }),
      ...(this.#state.value === undefined ? {} : { connectorState: this.#state.value }),
    });
    this.#newBindings = newBindings;
    this.#commitsBatch = commitsBatch ?? false;
    return { runtimeCheckpoint, divergence };
  }

  reconciled(batch: WriteBatch, reconciled: Reconciled): void {
    if (reconciled.decision === 'began-again') {
      // It named what is not there: whoever opens next must not find that again.
      batch.delete(taskKeys.connectorState);
      this.#state = { value: undefined, isKept: true };
    }
    this.#largestKeys = LargestKeys.reconcile(batch, this.#bindings, this.#stored, this.#newBindings, reconciled);
  }

  /** Bindings whose resources held nothing when the endpoint was opened. */
  get newBindings(): ReadonlySet<number> {
    return this.#newBindings;
  }

  /** Whether rows, runtime checkpoint and what the store is to commit are one transaction of the endpoint. */
  get commitsBatch(): boolean {
    return this.#commitsBatch;
  }

  /** Whether a key has to be looked up before its document is merged. */
  mayBeStored(binding: number, packedKey: string): boolean {
    return this.#largestKeys?.mayBeStored(binding, packedKey) ?? true;
  }

  /** Takes the state of an answer. It is durable with the next write that `stage` adds it to. */
  keep({ connectorState }: ConnectorProgress): void {
    if (connectorState === undefined) return;
    const { updated, mergePatch: isPatch } = connectorState;
    this.#state = { value: isPatch ? (mergePatch(this.#state.value, updated) as Json) : updated, isKept: false };
  }

  /** Adds a state that is not durable yet to a batch. */
  stage(batch: WriteBatch): void {
    const { value, isKept } = this.#state;
    if (isKept || value === undefined) return;
    batch.put(taskKeys.connectorState, value);
    this.#state = { value, isKept: true };
  }

  /** What has to be durable before the transaction's first document is stored. */
  stageBeforeStoring(batch: WriteBatch, transactionId: string): void {
    this.stage(batch);
    this.#largestKeys?.raise(batch, transactionId);
  }
}
