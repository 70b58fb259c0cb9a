import type { CommitRecord } from '@aftercommit/persistence/records';
import type { AppliedWrite } from '../world/disk.js';
import type { Books } from './books.js';
import type { LedgerOutbox } from './ledger-outbox.js';
import type { Session } from './session.js';
import { assertThat } from './violation.js';

/** @returns The run id of the commit in this write. Undefined: there is none, or it has no documents. */
export function noteCommit({ changes }: AppliedWrite, session: Session, books: Books): string | undefined {
  for (const [key, { after }] of changes) {
    if (!key.startsWith('commit/') || after === undefined) continue;
    const { runtimeCheckpoint } = after as unknown as CommitRecord;
    const { transactionId, window } = runtimeCheckpoint;
    books.sightings.saw('commit');
    if (window === null) {
      books.sightings.saw('commit without documents');
      return undefined;
    }
    const configured = session.configuration.configuration.triggers.map(({ id }) => id);
    return books.commits.noteStoreCommit(transactionId, window, configured).runId;
  }
  return undefined;
}

/** A commit waits for what its predecessors owe the triggers that block. What waits for an interval blocks nothing. */
export function checkSettled(committed: string, session: Session, { outboxes }: Books): void {
  for (const outbox of outboxes.values()) {
    const trigger = session.configuration.withName(outbox.name);
    if (!outbox.hasPartner || trigger?.onFailure !== 'block' || trigger.intervalMs !== undefined) continue;
    // A person may have had one replayed since the deliveries were settled.
    const earlier = [...outbox.windows.values()].find(
      ({ members, wasReplayed }) => !members.includes(committed) && !wasReplayed,
    );
    assertThat(
      earlier === undefined,
      'settled',
      () => `${committed} was committed before ${earlier?.runId} of "${outbox.name}" was delivered`,
    );
  }
}

/** I1: a commit gives a window to each of these outboxes. */
export function checkGiven(committed: string, outboxes: readonly LedgerOutbox[]): void {
  for (const { name, windows } of outboxes) {
    const isThere = [...windows.values()].some(({ members }) => members.includes(committed));
    assertThat(isThere, 'I1', () => `commit ${committed} gave no window to outbox "${name}"`);
  }
}
