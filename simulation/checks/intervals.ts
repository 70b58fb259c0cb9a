import type { Books, Entry } from './books.js';
import type { LedgerOutbox } from './ledger-outbox.js';
import type { Session } from './session.js';
import { assertThat } from './violation.js';

/** What waits for an interval is taken no earlier than that after the last time, unless the clock was set meanwhile. */
export function noteTake(
  outbox: LedgerOutbox,
  { changes, session, write, isOpening }: Entry,
  { wall, sightings }: Books,
): void {
  const { delivery } = changes;
  if (isOpening || delivery?.before !== undefined || delivery?.after === undefined) return;
  const intervalMs = session.configuration.withName(outbox.name)?.intervalMs;
  if (intervalMs === undefined || delivery.after.failingSinceAt !== null) return;
  sightings.saw('window taken after an interval');
  const { takenAtMs } = outbox;
  outbox.takenAtMs = write.askedAtMs;
  if (takenAtMs === undefined || (wall.lastSetAtMs ?? -1) >= takenAtMs) return;
  const passedMs = write.askedAtMs - takenAtMs;
  // The clock that is stored counts whole milliseconds.
  const isOver = passedMs >= intervalMs - 1;
  assertThat(isOver, 'interval', () => `"${outbox.name}" fired ${passedMs} ms after the last time, of ${intervalMs}`);
}

export function noteLastFired(outbox: LedgerOutbox, { changes }: Entry): void {
  if (changes.lastFired !== undefined) outbox.lastFiredAt = changes.lastFired.after?.at;
}

/** A clock that was set back keeps nobody waiting: a stored instant in the future becomes now, durably. */
export function checkLastFired({ openedAtMs }: Session, { wall, outboxes }: Books): void {
  const { nowMs, lastSetAtMs = -1 } = wall;
  if (lastSetAtMs >= openedAtMs) return;
  for (const { name, hasPartner, lastFiredAt = 0 } of outboxes.values()) {
    assertThat(
      !hasPartner || lastFiredAt <= nowMs,
      'interval',
      () => `"${name}" fired ${lastFiredAt - nowMs} ms from now`,
    );
  }
}
