import type { Json } from '@aftercommit/models';
import type { TaskState, WriteBatch } from '@aftercommit/persistence';
import type { RuntimeCheckpoint } from '@aftercommit/persistence/records';
import type { Reconciled } from './reconcile-checkpoints.js';

/** The endpoint's part in opening a task. */
export type SessionEndpoint = {
  /** Who keeps the runtime checkpoint from now on. */
  owner: 'store' | 'endpoint';
  /**
   * Called after the store is open, with what it holds: fences the endpoint, and says what is there. Called once more, with a
   * higher epoch, after `ENDPOINT_FENCED`.
   */
  open(state: TaskState, stored: RuntimeCheckpoint | undefined): Promise<EndpointFindings>;
  /** It was found from where to go on: adds what the endpoint's side keeps to the opening write. */
  reconciled(batch: WriteBatch, reconciled: Reconciled): void;
};

export type EndpointFindings = {
  /** What the endpoint last committed; undefined: nothing, or it keeps none. */
  runtimeCheckpoint: Json | undefined;
  /** What does not fit, whatever the checkpoints say; undefined: nothing. */
  divergence: Error | undefined;
};

/** The endpoint of a host with a commit loop of its own, which has rows and a fence, or nothing but the store. */
export function hostEndpoint(
  endpointCheckpoint: ((epoch: bigint) => Promise<Json | undefined>) | undefined,
): SessionEndpoint {
  return {
    owner: endpointCheckpoint === undefined ? 'store' : 'endpoint',
    open: async ({ fence }) => ({ runtimeCheckpoint: await endpointCheckpoint?.(fence.epoch), divergence: undefined }),
    reconciled: () => undefined,
  };
}
