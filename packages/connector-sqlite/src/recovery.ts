import type { Json } from '@aftercommit/models';
import { ConnectorError } from '@aftercommit/runtime-adapter';
import type { MaterializationRecord } from './materialization-record.js';
import type { StagingName } from './staging.js';

/** What was found, and where. */
export type Found = {
  materialization: string;
  file: string;
  record: MaterializationRecord;
  /** The staging that the connector state names. Undefined: it names none. */
  named: StagingName | undefined;
  /** Whether that staging is there. */
  isNamedStaged: boolean;
};

/** What follows from it. */
export type Recovery = {
  /** What the store committed, and the first acknowledge has to apply. */
  pending?: StagingName;
  runtimeCheckpoint?: Json;
  divergence?: ConnectorError;
};

/** Whether endpoint and connector state go together. The same for both owners, so that the owner can change at any moment. */
export function recover(found: Found): Recovery {
  const { named, record } = found;
  // The store has committed it after whatever the endpoint committed: a checkpoint that is left is superseded.
  if (named !== undefined && found.isNamedStaged) return { pending: named };
  // The runtime judges it; a state that is behind it does not matter.
  if (record.runtimeCheckpoint !== undefined) return { runtimeCheckpoint: record.runtimeCheckpoint };
  if (named !== undefined)
    return record.appliedId === named.transactionId ? {} : { divergence: lostStaging(found, named) };
  return record.appliedId === undefined ? {} : { divergence: unknownApplied(found, record.appliedId) };
}

const remedy =
  'Either the endpoint or the state was replaced, or restored from a copy: restore the one that is wrong. Or accept the ' +
  'endpoint as it is (acceptEndpointCheckpoint): then everything is read again from the start of the sources, over the rows ' +
  'that are there, and appended once more to delta tables.';

function lostStaging({ materialization, file, record }: Found, { transactionId }: StagingName): ConnectorError {
  const has = record.appliedId === undefined ? 'nothing was applied there' : `applied last was ${record.appliedId}`;
  return new ConnectorError(
    'ENDPOINT_LOST_STAGING',
    `${materialization}: the state names the staged transaction ${transactionId}, and ${file} has it neither staged nor ` +
      `applied: ${has}. ${remedy}`,
  );
}

function unknownApplied({ materialization, file }: Found, appliedId: string): ConnectorError {
  return new ConnectorError(
    'CHECKPOINT_DIVERGED',
    `${materialization}: the staged transaction ${appliedId} was applied to ${file}, and the state knows of none. ${remedy}`,
  );
}
