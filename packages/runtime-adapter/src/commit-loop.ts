import type { CommitLoop } from './commit-loop-parts.js';
import { readTransaction } from './read-transaction.js';
import { isSourceError } from './source-error.js';

/**
 * The whole feature in one sitting: each turn is one transaction, and fires the triggers of the one before. What an
 * earlier run left over is met by the first turn, on the same path: there is no other recovery.
 *
 * @returns Whether the sources came to their end; false: it was stopped before.
 */
export async function runTransactions(loop: CommitLoop): Promise<boolean> {
  const { session, connector, endpoint, interruption } = loop;
  for (;;) {
    // Acknowledge: what is committed becomes visible in the endpoint (I2), and its triggers fire.
    const settling = acknowledgeAndSettle(loop);
    settling.catch(interruption.fail);

    // Meanwhile the next transaction is read, and what is stored under its keys is loaded.
    const next = await readOrSettle(loop, settling);
    if (next === 'stopped') return false;

    // Settle: every delivery of a trigger that blocks is done, and durably cleared.
    await interruption.orStopped(settling);
    if (interruption.isStopped) return false;
    if (next === 'ended') {
      // Triggers that park hold up no commit, but the end: everything due is delivered or parked.
      await interruption.orStopped(session.drained({ intervals: loop.drainIntervals }));
      return !interruption.isStopped;
    }
    // One whose interval was over meanwhile blocks too.
    await interruption.orStopped(session.settled());
    if (interruption.isStopped) return false;

    // Store. What must be known of the endpoint's rows is durable before there can be any.
    endpoint.keep(await connector.flush());
    const before = session.newBatch();
    endpoint.stageBeforeStoring(before, next.transaction.id);
    if (before.changes.size > 0) await session.commit(before);
    await connector.store(next.documents.toStore());

    // Commit: runtime checkpoint, connector state, and a window for every trigger, in one atomic durable write.
    const commit = session.newBatch();
    const runtimeCheckpoint = session.stage(next.transaction, next.position, commit);
    if (endpoint.commitsBatch) {
      // In one transaction with the rows. The session asks the store what became of it, as of any transaction of a host.
      endpoint.stage(commit);
      endpoint.keep(await connector.startCommit(runtimeCheckpoint, commit));
    } else {
      endpoint.keep(await connector.startCommit(runtimeCheckpoint));
      endpoint.stage(commit);
      await session.commit(commit);
    }
  }
}

async function acknowledgeAndSettle({ session, connector, endpoint }: CommitLoop): Promise<void> {
  endpoint.keep(await connector.acknowledge());
  await session.acknowledged();
  await session.settled();
}

/** A source that cannot be read holds up nothing that was committed: it is delivered first. */
async function readOrSettle(loop: CommitLoop, settling: Promise<void>): ReturnType<typeof readTransaction> {
  try {
    return await readTransaction(loop, settling);
  } catch (error) {
    if (!isSourceError(error)) throw error;
    const draining = settling.then(() => loop.session.drained());
    await loop.interruption.orStopped(draining).catch((failure: unknown) => {
      // The session ends with the first error that it met: the other one would be seen by nobody.
      const { logger, materialization } = loop;
      logger.warn(`${materialization}: ${error.message}`, { materialization, code: error.code });
      throw failure;
    });
    throw error;
  }
}
