import type { Fence } from './fence.js';
import { StoreError } from './store-error.js';

/**
 * The error of every verb of a session that is fenced.
 *
 * @param heldEpoch The epoch the task is at now. Undefined: the store does not know the task any more.
 */
export function fencedError(fence: Fence, heldEpoch: bigint | undefined): StoreError {
  const why =
    heldEpoch === undefined
      ? 'this store does not know the task. Nothing was changed. It is another store, or the task was removed from it: ' +
        'stop this session, and see that the batch is written where the task was opened'
      : `the task was opened again, it is at epoch ${heldEpoch} now. Nothing was changed. Stop this session; whoever ` +
        'opened the task last goes on';
  const session = `This session of task ${JSON.stringify(fence.task)} (epoch ${fence.epoch})`;
  return new StoreError('STORE_FENCED', `${session} is fenced: ${why}`);
}

/** The error of a batch that requires a key to be absent which has a value. */
export function keyExistsError(task: string, key: string): StoreError {
  return new StoreError(
    'STORE_KEY_EXISTS',
    `Key ${JSON.stringify(key)} of task ${JSON.stringify(task)} has a value, and the batch requires it to be absent. ` +
      `Nothing of the batch was written; read the key and decide`,
  );
}

/**
 * The error of every verb of a session that its owner closed, or that ended because the outcome of a write is unknown.
 *
 * @param cause What ended the session. Undefined: its owner closed it.
 */
export function sessionClosedError(task: string, cause?: StoreError): StoreError {
  const why = cause === undefined ? 'was closed' : `ended before (${cause.code})`;
  return new StoreError(
    'STORE_CLOSED',
    `This session of task ${JSON.stringify(task)} ${why}. Nothing was changed; open the task again`,
    cause === undefined ? undefined : { cause },
  );
}

/** The error of every verb of a store that was closed, and of its sessions'. */
export function storeClosedError(store: string): StoreError {
  return new StoreError('STORE_CLOSED', `${store} was closed. Nothing was changed; open it again`);
}
