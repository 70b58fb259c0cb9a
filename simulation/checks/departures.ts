import type { ParkedRecord } from '@aftercommit/persistence/records';
import type { Books, Entry } from './books.js';
import type { Held, LedgerOutbox } from './ledger-outbox.js';
import { isRemoved } from './outbox-changes.js';
import { isGivenUp, isWanted } from './requests.js';
import { checkRoundIsOver } from './rounds.js';
import { assertThat } from './violation.js';

/** I3: a window leaves delivered, parked, or because a person gave its outbox up; what was united is gone already. */
export function noteDepartures(outbox: LedgerOutbox, entry: Entry, books: Books): void {
  const { changes, requests } = entry;
  for (const { place, after } of changes.windows) {
    const held = outbox.windows.get(place);
    if (after !== undefined || held === undefined) continue;
    outbox.windows.delete(place);
    const parked = changes.parked.find((one) => one.after?.idempotencyKey === held.idempotencyKey)?.after;
    if (parked !== undefined) {
      checkParked(outbox, held, parked, entry, books);
      outbox.parked.set(held.runId, held);
      books.sightings.saw('window parked');
    } else if (isRemoved(changes) && isGivenUp(requests)) {
      books.sightings.saw('window dropped');
      books.dropped.set(held.idempotencyKey, held);
    } else {
      checkDelivered(outbox, held, entry, books);
      books.cleared.add(held.idempotencyKey);
      books.sightings.saw('window delivered');
    }
  }
}

function checkParked(
  outbox: LedgerOutbox,
  held: Held,
  parked: ParkedRecord,
  { session }: Entry,
  { deliveries }: Books,
): void {
  const key = held.idempotencyKey;
  const policy = session.configuration.withName(outbox.name)?.onFailure;
  assertThat(policy === 'park', 'I3', () => `${key} was parked, which nobody has configured`);
  assertThat(deliveries.wasAttempted(key), 'I3', () => `${key} was parked before any attempt`);
  assertThat(parked.window.docs_total === held.docs, 'I4', () => `${key} was changed when it was parked`);
  checkRoundIsOver(parked, outbox, session, deliveries);
}

function checkDelivered(
  outbox: LedgerOutbox,
  { idempotencyKey: key, runId }: Held,
  { changes, session }: Entry,
  { deliveries }: Books,
): void {
  const isDelivered = deliveries.wasAcceptanceRead(key, session);
  assertThat(isDelivered, 'I3', () => `${key} has left outbox "${outbox.name}", and this session delivered it not`);
  assertThat(changes.done.has(runId), 'evidence', () => `it is not written how ${key} ended`);
}

/** I3: what is parked stays, until a person has it replayed or dropped. */
export function noteParked(outbox: LedgerOutbox, { changes, requests }: Entry, { dropped, sightings }: Books): void {
  for (const { runId, before, after } of changes.parked) {
    if (after !== undefined) {
      assertThat(outbox.parked.has(runId), 'I3', () => `something was parked under ${runId} that did not wait`);
      continue;
    }
    const held = outbox.parked.get(runId);
    if (before === undefined || held === undefined) continue;
    outbox.parked.delete(runId);
    const { idempotencyKey } = held;
    const isBack = [...outbox.windows.values()].some((one) => one.idempotencyKey === idempotencyKey);
    if (isBack) continue;
    const isAsked = isWanted('drop', idempotencyKey, requests) || isGivenUp(requests);
    sightings.saw('window dropped');
    assertThat(isAsked, 'I3', () => `${idempotencyKey} is parked no more, and nobody wanted that`);
    dropped.set(idempotencyKey, held);
  }
}
