import type { CommitRecord, RuntimeCheckpoint } from '@aftercommit/persistence/records';
import { SessionError } from './session-error.js';

/** From where a session goes on, and how that was found. */
export type Reconciled = {
  /**
   * - `new`: nothing was ever committed.
   * - `store`: the store's counts; the endpoint has none.
   * - `in-step`: both have the same.
   * - `one-ahead`: the endpoint committed one transaction that the store did not see.
   * - `taken-over`: the endpoint's counts, whatever the store had.
   * - `began-again`: what was there does not fit, and everything is read from the start, because somebody accepted that.
   * - `diverged`: neither may go on unasked.
   */
  decision: 'new' | 'store' | 'in-step' | 'one-ahead' | 'taken-over' | 'began-again' | 'diverged';
  /** From where the session goes on. Undefined: from the beginning. */
  runtimeCheckpoint: RuntimeCheckpoint | undefined;
};

/**
 * Decides between the store's runtime checkpoint and the endpoint's. An endpoint that commits the runtime checkpoint with
 * its rows can be one transaction ahead of the store, never behind, unless one of them was replaced by another copy.
 *
 * @param accept The host was told of a divergence and decided for the endpoint.
 */
export function reconcileCheckpoints(
  stored: CommitRecord | undefined,
  endpoint: RuntimeCheckpoint | undefined,
  accept: boolean,
): Reconciled {
  const ours = stored?.runtimeCheckpoint;
  if (endpoint === undefined) {
    if (stored === undefined) return { decision: 'new', runtimeCheckpoint: undefined };
    if (stored.owner === 'store') return { decision: 'store', runtimeCheckpoint: ours };
  } else {
    if (endpoint.transactionId === ours?.transactionId) return { decision: 'in-step', runtimeCheckpoint: ours };
    if (endpoint.parentId === (ours?.transactionId ?? null)) {
      return { decision: 'one-ahead', runtimeCheckpoint: endpoint };
    }
    if (ours === undefined) return { decision: 'taken-over', runtimeCheckpoint: endpoint };
  }
  if (!accept) return { decision: 'diverged', runtimeCheckpoint: endpoint };
  return { decision: endpoint === undefined ? 'began-again' : 'taken-over', runtimeCheckpoint: endpoint };
}

/** What happened, to which task, and what to do. */
export function divergedCheckpoints(
  materialization: string,
  stored: CommitRecord | undefined,
  endpoint: RuntimeCheckpoint | undefined,
): SessionError {
  const ours = stored === undefined ? 'nothing' : `run ${stored.runtimeCheckpoint.runId}`;
  const consequence =
    endpoint === undefined
      ? 'then everything is read again from the start, and appended once more where every document is'
      : 'then it goes on from there';
  const theirs = endpoint === undefined ? 'nothing' : `run ${endpoint.runId}`;
  return new SessionError(
    'CHECKPOINT_DIVERGED',
    `${materialization}: the endpoint's last commit is ${theirs}, the store's is ${ours}, and neither follows the other. ` +
      `One of them was replaced or restored from a copy. Restore the one that is wrong, or accept what the endpoint has, ` +
      `once (acceptEndpointCheckpoint): ${consequence}.`,
  );
}
