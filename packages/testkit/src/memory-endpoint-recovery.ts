import { isJsonObject, type Json } from '@aftercommit/models';
import type { ConnectorError } from '@aftercommit/runtime-adapter';
import { divergedError, lostStagingError } from './memory-endpoint-refusals.js';
import { isNamed, type MemoryEndpointState, type Staging, type StagingName } from './memory-endpoint-state.js';

/** What the endpoint's state and connector state say together. */
export type Recovery = {
  /** To be applied by the next acknowledge. */
  readonly pending?: Staging;
  /** Whether earlier sessions staged what nobody committed: to be removed by the next acknowledge. */
  readonly isLeftOver?: boolean;
  readonly runtimeCheckpoint?: Json;
  readonly divergence?: ConnectorError;
};

/** The first of five rules that fits, whoever owns the runtime checkpoint now. */
export function recover(state: MemoryEndpointState, named: StagingName | undefined): Recovery {
  // The store committed after whatever else is there: a runtime checkpoint that was left is superseded.
  const pending = state.stagings.find((staging) => isNamed(staging, named));
  if (pending !== undefined) return { pending };
  if (state.runtimeCheckpoint !== undefined) return { runtimeCheckpoint: JSON.parse(state.runtimeCheckpoint) as Json };
  if (named !== undefined) {
    return named.transactionId === state.appliedTransactionId ? {} : { divergence: lostStagingError(named, state) };
  }
  return state.appliedTransactionId === undefined ? {} : { divergence: divergedError(state.appliedTransactionId) };
}

/** The connector state of a session that staged. */
export function stateNaming({ transactionId, epoch }: StagingName): Json {
  return { staging: { transactionId, epoch: String(epoch) } };
}

/** What the connector state names. Undefined: nothing. */
export function namedStaging(connectorState: Json | undefined): StagingName | undefined {
  const staging = isJsonObject(connectorState) ? connectorState['staging'] : undefined;
  if (!isJsonObject(staging)) return undefined;
  const { transactionId, epoch } = staging;
  if (typeof transactionId !== 'string' || typeof epoch !== 'string') return undefined;
  return { transactionId, epoch: BigInt(epoch) };
}
