import type { StoredOutbox } from '@aftercommit/persistence/records';
import { isEmpty } from './match-outboxes.js';

/** So many rest at most (I9): who writes a configuration anew all the time may give every trigger a new name. */
const restingLimit = 100;

/**
 * Of the outboxes that nobody goes on with, those that hold nothing and are kept because their interval is not over, by
 * wall time: a trigger that was removed and returns, or that one of two hosts does not have, fires no earlier for it. Of
 * too many, those that fired longest ago are given up.
 *
 * @param now In milliseconds since the Unix epoch.
 */
export function restingOutboxes(withoutPartner: readonly StoredOutbox[], now: number): ReadonlySet<StoredOutbox> {
  const resting = withoutPartner.flatMap((outbox) => {
    const { about, lastFired } = outbox;
    if (!isEmpty(outbox) || about.intervalMs === null || lastFired === undefined) return [];
    return lastFired.at + about.intervalMs > now ? [{ outbox, firedAt: lastFired.at }] : [];
  });
  const longestAgoFirst = resting.sort((left, right) => left.firedAt - right.firedAt);
  return new Set(longestAgoFirst.slice(-restingLimit).map(({ outbox }) => outbox));
}
