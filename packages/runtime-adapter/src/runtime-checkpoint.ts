import { formatRunId, isJsonObject, type Json, parseRunId, WindowSchema } from '@aftercommit/models';
import { StoreError } from '@aftercommit/persistence';
import type { RuntimeCheckpoint } from '@aftercommit/persistence/records';
import { Value } from 'typebox/value';
import { SessionError } from './session-error.js';

/** What comes back was in other hands, or on a disk that may be damaged: it is looked at before it is believed. */
export function isRuntimeCheckpoint(value: Json): value is RuntimeCheckpoint & Json {
  if (!isJsonObject(value)) return false;
  const { transactionId, parentId, runId, window } = value;
  return (
    typeof transactionId === 'string' &&
    (parentId === null || typeof parentId === 'string') &&
    typeof runId === 'string' &&
    isRunId(runId) &&
    (window === null || (Value.Check(WindowSchema, window) && window.run_id === runId)) &&
    'position' in value
  );
}

/** What happened, to which task, and what to do. */
export function invalidCheckpoint(materialization: string): SessionError {
  return new SessionError(
    'CHECKPOINT_INVALID',
    `${materialization}: what the endpoint gave back is no runtime checkpoint. It must be, unchanged, the last one ` +
      'that stage() returned and that was committed with its rows; undefined if there is none.',
  );
}

/** The store keeps what it was given: whatever else is there now was put there by something else. */
export function damagedCommit(materialization: string): StoreError {
  return new StoreError(
    'STORE_CORRUPT',
    `${materialization}: the last commit in its state is no runtime checkpoint. The state was damaged, or something else has ` +
      'written to it. Nothing was changed: restore it from a copy.',
  );
}

/** In the one form that we write: as parts of keys run ids are ordered as texts. */
function isRunId(text: string): boolean {
  try {
    return formatRunId(parseRunId(text)) === text;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
