import { type CommittedRecord, type DoneRecord, taskKeys } from '@aftercommit/persistence/records';
import type { TriggerSession } from '@aftercommit/runtime-adapter';

/** An outbox of a task that was opened for the first time, with one trigger. */
const outboxId = '000001';

/**
 * Gives a task the evidence that so many commits and their deliveries leave behind, a minute apart: the records of a long life,
 * without living it.
 */
export async function writeHistory(session: TriggerSession, commits: number): Promise<void> {
  const batch = session.newBatch();
  for (let number = 1; number <= commits; number += 1) {
    const at = Date.UTC(2024, 0, 1) + number * 60_000;
    const runId = `${new Date(at).toISOString().slice(0, -1)}000Z`;
    const committed: CommittedRecord = {
      runId,
      docsTotal: 1,
      bytesTotal: 100_001,
      outboxes: [outboxId],
      previous: number === 1 ? null : number - 1,
    };
    const done: DoneRecord = { ended: 'delivered', at, attempts: 1, docsTotal: 1 };
    batch.put(taskKeys.committedCommit(number), committed).put(taskKeys.done(outboxId, runId), done);
  }
  await session.commit(batch);
}
