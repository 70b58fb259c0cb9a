import { ConnectorError } from '@aftercommit/runtime-adapter';
import type { MemoryEndpointState, StagingName } from './memory-endpoint-state.js';

export function fencedError(epoch: bigint): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_FENCED',
    'A later session was opened on the endpoint in memory. This one changes nothing any more: let the other one run.',
    { epoch },
  );
}

export function lostStagingError(named: StagingName, state: MemoryEndpointState): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_LOST_STAGING',
    `The store committed the staging of transaction ${named.transactionId}, and the endpoint in memory neither has nor ` +
      `applied it; what it applied last is ${state.appliedTransactionId ?? 'nothing'}. The ` +
      'endpoint or the state was replaced or restored from a copy: restore the one that is wrong, or begin again with ' +
      'acceptEndpointCheckpoint: true.',
  );
}

export function divergedError(appliedTransactionId: string): ConnectorError {
  return new ConnectorError(
    'CHECKPOINT_DIVERGED',
    `The endpoint in memory applied transaction ${appliedTransactionId}, and the connector state names none: the state ` +
      'was lost or restored from a copy. Restore it, or begin again with acceptEndpointCheckpoint: true.',
  );
}
