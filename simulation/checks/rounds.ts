import type { DeliveryRecord, ParkedRecord } from '@aftercommit/persistence/records';
import type { Attempt } from '@aftercommit/registry';
import type { Scheduler } from '../world/scheduler.js';
import type { WallClock } from '../world/wall-clock.js';
import type { Books, Entry } from './books.js';
import type { Deliveries } from './deliveries.js';
import { type LedgerOutbox, nextOf } from './ledger-outbox.js';
import { mostParked } from './outbox-bounds.js';
import type { OutboxChanges } from './outbox-changes.js';
import type { Session } from './session.js';
import { assertThat } from './violation.js';

/** Attempts are counted, and each waits for its time, as the store says: also over restarts. */
export function checkTurn(
  { number, idempotencyKey }: Attempt,
  { delivery, name }: LedgerOutbox,
  maxAttempts: number,
  { scheduler, wall }: { scheduler: Scheduler; wall: WallClock },
): void {
  const stored = delivery?.record.attempts ?? 0;
  // One that could not be parked is given another round.
  const isCounted = number === stored + 1 || (number === 1 && stored >= maxAttempts);
  assertThat(isCounted, 'rounds', () => `attempt ${number} of ${idempotencyKey}, of which ${stored} are stored`);
  if (delivery === undefined || (wall.lastSetAtMs ?? -1) >= delivery.notedAtMs) return;
  // The clock that is stored counts whole milliseconds.
  const earlyMs = delivery.notedAtMs + delivery.record.waitMs - 1 - scheduler.nowMs;
  assertThat(earlyMs <= 0, 'rounds', () => `"${name}" attempts ${idempotencyKey} ${earlyMs} ms before its time`);
}

/** I3: parked when the round is over, and not before. */
export function checkRoundIsOver(
  { idempotencyKey: key, attempts }: ParkedRecord,
  outbox: LedgerOutbox,
  session: Session,
  deliveries: Deliveries,
): void {
  const maxAttempts = maxAttemptsOf(outbox, session);
  const before = outbox.delivery?.record.attempts ?? 0;
  const isCounted = attempts === before + 1 || before >= maxAttempts;
  assertThat(isCounted, 'rounds', () => `${key} was parked after ${attempts} attempts`);
  const isRejected = deliveries.lastRead(key, session)?.outcome === 'rejected';
  const isOver = isRejected || attempts >= maxAttempts;
  assertThat(isOver, 'rounds', () => `${key} was parked before its round was over`);
}

/** How the delivery stands after this write: it goes with its window. */
export function noteRound(outbox: LedgerOutbox, entry: Entry, books: Books): void {
  const { changes, write, isOpening } = entry;
  const before = outbox.delivery?.record;
  const after = changes.delivery === undefined ? before : changes.delivery.after;
  const isOfWindow = after === undefined || outbox.windows.size > 0;
  assertThat(isOfWindow, 'records', () => `"${outbox.name}" has a delivery and no window`);
  if (changes.delivery === undefined) {
    const hasLeft = changes.windows.some((one) => one.after === undefined && !wasUnited(one, changes));
    assertThat(before === undefined || !hasLeft, 'records', () => `"${outbox.name}" keeps a delivery that has left`);
    return;
  }
  outbox.delivery = after === undefined ? undefined : { record: after, notedAtMs: write.askedAtMs };
  if (after === undefined || isOpening || after.failingSinceAt === null) return;
  checkFailure(outbox, before, after, entry, books);
}

/** Each failed attempt counts, and a round ends when it has had its attempts, or was refused for good. */
function checkFailure(
  outbox: LedgerOutbox,
  before: DeliveryRecord | undefined,
  after: DeliveryRecord,
  { session }: Entry,
  { deliveries }: Books,
): void {
  const attempts = before?.attempts ?? 0;
  const rounds = before?.rounds ?? 0;
  const maxAttempts = maxAttemptsOf(outbox, session);
  const key = nextOf(outbox)?.idempotencyKey ?? '';
  const read = deliveries.lastRead(key, session);
  const isOver = read?.outcome === 'rejected' || attempts + 1 >= maxAttempts;
  // One that cannot be parked is tried on.
  const isHeld = outbox.parked.size >= mostParked || attempts >= maxAttempts;
  const isRight = isOver
    ? after.attempts === 0 && after.rounds === rounds + 1
    : after.attempts === attempts + 1 && after.rounds === rounds;
  assertThat(
    isRight || isHeld,
    'rounds',
    () => `${key} had ${attempts} attempts in ${rounds} rounds, now ${after.attempts} in ${after.rounds}`,
  );
  const askedForMs = read?.outcome === 'retry' ? (read.retryAfterMs ?? 0) : 0;
  assertThat(after.waitMs >= askedForMs, 'rounds', () => `${key} is to wait ${askedForMs} ms, not ${after.waitMs}`);
}

function maxAttemptsOf({ name }: LedgerOutbox, { configuration }: Session): number {
  return configuration.withName(name)?.maxAttempts ?? 1;
}

function wasUnited({ place }: { place: string }, { windows }: OutboxChanges): boolean {
  return windows.some((one) => one.before !== undefined && one.after !== undefined && one.place < place);
}
