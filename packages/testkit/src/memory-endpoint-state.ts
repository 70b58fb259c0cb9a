import { fencedError, lostStagingError } from './memory-endpoint-refusals.js';

/** A document on its way into a table, as JSON text: nobody can change what is stored through an object they hold. */
export type StoredRow = {
  /** The index of its binding. */
  readonly binding: number;
  /** The key as JSON text; undefined: the row is appended. */
  readonly key: string | undefined;
  /** JSON text. */
  readonly document: string;
};

/** What names a staging: the same transaction id under another epoch is another one. */
export type StagingName = {
  /** Of the transaction that was staged. */
  readonly transactionId: string;
  /** Of the session that staged it. */
  readonly epoch: bigint;
};

/** Rows that are durable beside the tables, and not applied yet. */
export type Staging = StagingName & {
  /** In the order in which they were stored. */
  readonly rows: readonly StoredRow[];
};

/**
 * All that an endpoint in memory holds, at one moment. It is never changed, only replaced: each function below is one
 * transaction of the endpoint, and a copy is the state itself.
 */
export type MemoryEndpointState = {
  /** The fence: the highest epoch that was opened. */
  readonly epoch: bigint;
  /** JSON text. Undefined: the endpoint has none. */
  readonly runtimeCheckpoint: string | undefined;
  /** The transaction whose staging was applied last. Undefined: none, or something else was committed since. */
  readonly appliedTransactionId: string | undefined;
  /** What is durable beside the tables. */
  readonly stagings: readonly Staging[];
  /** By binding, then by key: documents as JSON text. */
  readonly tables: ReadonlyMap<number, ReadonlyMap<string, string>>;
};

export const emptyState: MemoryEndpointState = {
  epoch: 0n,
  runtimeCheckpoint: undefined,
  appliedTransactionId: undefined,
  stagings: [],
  tables: new Map(),
};

/** Raises the fence, and nothing else: the session may be given up. */
export function afterOpening(state: MemoryEndpointState, epoch: bigint): MemoryEndpointState {
  assertNotFenced(state, epoch);
  return { ...state, epoch };
}

/** The commit of an endpoint that owns the runtime checkpoint. */
export function afterCommitting(
  state: MemoryEndpointState,
  epoch: bigint,
  rows: readonly StoredRow[],
  runtimeCheckpoint: string,
): MemoryEndpointState {
  assertNotFenced(state, epoch);
  return { ...state, tables: withRows(state.tables, rows), runtimeCheckpoint, appliedTransactionId: undefined };
}

export function afterStaging(state: MemoryEndpointState, staging: Staging): MemoryEndpointState {
  assertNotFenced(state, staging.epoch);
  const others = state.stagings.filter((other) => !isNamed(other, staging));
  return { ...state, stagings: [...others, staging] };
}

/** Applies a staging, once: it is not there any more afterwards. */
export function afterApplying(state: MemoryEndpointState, epoch: bigint, named: StagingName): MemoryEndpointState {
  assertNotFenced(state, epoch);
  const staging = state.stagings.find((candidate) => isNamed(candidate, named));
  // The endpoint was restored from a copy under the session.
  if (staging === undefined) throw lostStagingError(named, state);
  return {
    ...state,
    tables: withRows(state.tables, staging.rows),
    stagings: state.stagings.filter((other) => other !== staging),
    appliedTransactionId: staging.transactionId,
    runtimeCheckpoint: undefined,
  };
}

/** Forgets what did not fit, when the operator accepted the endpoint as it is. The rows stay. */
export function afterAccepting(state: MemoryEndpointState, epoch: bigint): MemoryEndpointState {
  assertNotFenced(state, epoch);
  return { ...state, appliedTransactionId: undefined };
}

/** Removes what earlier sessions staged. Comes after the apply of what the store has committed of it. */
export function afterRemoving(state: MemoryEndpointState, epoch: bigint): MemoryEndpointState {
  assertNotFenced(state, epoch);
  return { ...state, stagings: state.stagings.filter((staging) => staging.epoch >= epoch) };
}

export function isNamed(staging: StagingName, named: StagingName | undefined): boolean {
  return staging.transactionId === named?.transactionId && staging.epoch === named.epoch;
}

/** I6: stands in the same transaction as what it guards. */
function assertNotFenced(state: MemoryEndpointState, epoch: bigint): void {
  if (epoch < state.epoch) throw fencedError(state.epoch);
}

function withRows(
  tables: ReadonlyMap<number, ReadonlyMap<string, string>>,
  rows: readonly StoredRow[],
): ReadonlyMap<number, ReadonlyMap<string, string>> {
  const changed = new Map<number, Map<string, string>>();
  for (const { binding, key, document } of rows) {
    const table = changed.get(binding) ?? new Map(tables.get(binding));
    // No row is ever removed, so the number of rows is a key that no other has; keys of documents are arrays.
    table.set(key ?? String(table.size), document);
    changed.set(binding, table);
  }
  return new Map([...tables, ...changed]);
}
