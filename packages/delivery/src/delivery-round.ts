import type { DeliveryRecord } from '@aftercommit/persistence/records';
import type { AttemptOutcome, Clock, Random } from '@aftercommit/registry';
import { longestRetryAfterMs, waitMs } from './backoff.js';

/** A delivery that was not attempted yet. */
export const untried: DeliveryRecord = {
  rounds: 0,
  attempts: 0,
  notBeforeAt: null,
  waitMs: 0,
  failingSinceAt: null,
  reason: null,
};

/** How an attempt ended that did not deliver. */
export type FailedAttempt = Exclude<AttemptOutcome, { outcome: 'delivered' }>;

/**
 * How a delivery stands after a failed attempt: what is stored, so that a restart goes on from there. A round is over when
 * the receiver refused for good or all attempts are used up; the next one is the next session's.
 */
export function afterFailure(
  before: DeliveryRecord,
  failed: FailedAttempt,
  maxAttempts: number,
  { clock, random }: { clock: Clock; random: Random },
): { attempt: number; isOver: boolean; record: DeliveryRecord } {
  const attempt = before.attempts + 1;
  const isOver = failed.outcome === 'rejected' || attempt >= maxAttempts;
  const failures = isOver ? before.rounds + 1 : attempt;
  const nextMs = waitMs(failures, random, failed.outcome === 'retry' ? failed.retryAfterMs : undefined);
  const record: DeliveryRecord = {
    rounds: before.rounds + (isOver ? 1 : 0),
    attempts: isOver ? 0 : attempt,
    notBeforeAt: clock.now() + nextMs,
    waitMs: nextMs,
    failingSinceAt: before.failingSinceAt ?? clock.now(),
    reason: failed.reason,
  };
  return { attempt, isOver, record };
}

/** How often a delivery is tried whose round is over, and which cannot be parked because too much is. */
const heldEveryMs = 30_000;

/**
 * How a delivery stands after a failed attempt when its round is over and nothing more can be parked: its round goes on,
 * with an attempt every 30 seconds, or as seldom as the receiver asks for.
 */
export function heldAfterFailure(before: DeliveryRecord, failed: FailedAttempt, clock: Clock): DeliveryRecord {
  const retryAfterMs = failed.outcome === 'retry' ? (failed.retryAfterMs ?? 0) : 0;
  const nextMs = Math.max(heldEveryMs, Math.min(retryAfterMs, longestRetryAfterMs));
  return {
    rounds: before.rounds,
    attempts: before.attempts + 1,
    notBeforeAt: clock.now() + nextMs,
    waitMs: nextMs,
    failingSinceAt: before.failingSinceAt ?? clock.now(),
    reason: failed.reason,
  };
}

/** Milliseconds until the next attempt is due: never more than the wait was when it began, wherever the clock went. */
export function leftMs({ notBeforeAt, waitMs: longest }: DeliveryRecord, clock: Pick<Clock, 'now'>): number {
  return notBeforeAt === null ? 0 : Math.max(0, Math.min(longest, notBeforeAt - clock.now()));
}
