import type { WindowRecord } from '@aftercommit/persistence/records';
import type { Books, Entry } from './books.js';
import type { Held, LedgerOutbox } from './ledger-outbox.js';
import { isWanted } from './requests.js';
import { assertThat } from './violation.js';

/** A window under a new place: the commit's, or one that was parked and a person had replayed. */
export function noteArrivals(outbox: LedgerOutbox, entry: Entry, books: Books): void {
  for (const { place, before, after } of entry.changes.windows) {
    if (before !== undefined || after === undefined) continue;
    const { idempotencyKey } = after;
    const elsewhere = books.outboxOfKey.get(idempotencyKey);
    assertThat(elsewhere === undefined || elsewhere === outbox.id, 'I3', () => `${idempotencyKey} is in two outboxes`);
    books.outboxOfKey.set(idempotencyKey, outbox.id);
    const parked = leavingParked(outbox, after, entry);
    const held =
      parked === undefined ? added(outbox, place, after, entry, books) : replayed(parked, after, entry, books);
    outbox.windows.set(place, held);
  }
}

/** The parked one that comes back. Undefined: it is none. */
function leavingParked(outbox: LedgerOutbox, after: WindowRecord, { changes }: Entry): Held | undefined {
  const runId = after.window.run_id;
  const parked = outbox.parked.get(runId);
  const leaves = changes.parked.some((one) => one.runId === runId && one.after === undefined);
  return leaves && parked?.idempotencyKey === after.idempotencyKey ? parked : undefined;
}

/** I3, I4: it is back because a person wanted that, and as it was. */
function replayed(parked: Held, after: WindowRecord, { requests }: Entry, { sightings }: Books): Held {
  const { idempotencyKey, window } = after;
  const isAsked = isWanted('replay', idempotencyKey, requests);
  assertThat(isAsked, 'I3', () => `${idempotencyKey} was replayed, and nobody wanted that`);
  sightings.saw('window replayed');
  assertThat(parked.docs === window.docs_total, 'I4', () => `${idempotencyKey} was changed when it was replayed`);
  return { ...parked, wasReplayed: true };
}

/** I2, I4: it is the window of the commit in the same write. */
function added(outbox: LedgerOutbox, place: string, after: WindowRecord, entry: Entry, books: Books): Held {
  const { idempotencyKey, window } = after;
  const commit = books.commits.of(window.run_id);
  const isCommitted = entry.committed === window.run_id;
  assertThat(isCommitted && commit !== undefined, 'I2', () => `window ${place} is of no commit`);
  const { docs, bytes, runId } = commit;
  const isSame = docs === window.docs_total && bytes === window.bytes_total;
  assertThat(isSame, 'I4', () => `window ${place} is not its commit's`);
  books.sightings.saw(after.maybeSeen === true ? 'window adopted' : 'window added');
  // Whoever is given it when an endpoint's transaction is adopted counts as configured.
  return { outboxId: outbox.id, idempotencyKey, runId, members: [runId], docs, bytes, wasReplayed: false };
}
