import { StoreError } from '@aftercommit/persistence';
import { type HostClient, isInTransaction, isStandbyMissed, type Notice } from './host-client.js';
import { isRefusedByServer } from './postgres-error.js';

/**
 * A transaction of the host's: `BEGIN`, the work, `COMMIT`. What the work throws comes out, after `ROLLBACK`. It resolves only when
 * the commit is known to have taken place, which `COMMIT` alone does not say:
 *
 * - Of a transaction that has failed it makes a `ROLLBACK`, and reports no error. Here that is `STORE_UNAVAILABLE`.
 * - When its wait for a standby was cancelled, it reports success with a notice. That, and a connection that breaks while it commits,
 *   is `STORE_OUTCOME_UNKNOWN`: end this client, close the session, and open the task again.
 *
 * When the transaction cannot begin it is `STORE_UNAVAILABLE`, and the work was not called.
 *
 * An error of the server for `COMMIT` itself, such as a deferred constraint, comes out as it is: nothing was committed.
 *
 * @param client In no transaction, and used by nobody else meanwhile.
 * @param work Queries of that client; with `writeWithin` as the last.
 */
export async function transact<Result>(client: HostClient, work: () => Promise<Result>): Promise<Result> {
  if (isInTransaction(client)) {
    throw new TypeError('The client is in a transaction already: transact begins one itself');
  }
  await begin(client);
  const result = await workOrRollBack(client, work);
  await commit(client);
  return result;
}

async function begin(client: HostClient): Promise<void> {
  try {
    await client.query({ text: 'BEGIN' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(
      'STORE_UNAVAILABLE',
      `Cannot begin a transaction: ${reason}. Nothing was changed. End this client, and open the task again`,
      { cause },
    );
  }
}

async function workOrRollBack<Result>(client: HostClient, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // When that fails too, the connection is gone, and the transaction with it.
    await client.query({ text: 'ROLLBACK' }).catch(() => undefined);
    throw error;
  }
}

async function commit(client: HostClient): Promise<void> {
  let missed: Notice | undefined;
  const listener = (notice: Notice): void => {
    if (isStandbyMissed(notice)) missed = notice;
  };
  client.on('notice', listener);
  try {
    const { command } = await client.query({ text: 'COMMIT' });
    if (command === 'ROLLBACK') throw rolledBackError();
    if (missed !== undefined) throw unknownError(missed.message ?? 'its standby was not waited for');
  } catch (error) {
    if (error instanceof StoreError || isRefusedByServer(error)) throw error;
    throw unknownError(error instanceof Error ? error.message : String(error), error);
  } finally {
    client.removeListener('notice', listener);
  }
}

function rolledBackError(): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    'The transaction was rolled back instead of committed: a query in it had failed, and its error was caught. Nothing was ' +
      'changed. Let the error out of the transaction',
  );
}

function unknownError(reason: string, cause?: unknown): StoreError {
  return new StoreError(
    'STORE_OUTCOME_UNKNOWN',
    `The transaction was committed or not: ${reason}. End this client, open the task again and read what is there`,
    cause === undefined ? undefined : { cause },
  );
}
