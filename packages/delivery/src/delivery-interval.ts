import type { Clock } from '@aftercommit/registry';
import { Countdown } from './countdown.js';

/**
 * The interval of a trigger, from take to take: inside a session by the monotonic clock, across a restart by wall time,
 * always with the interval configured now.
 *
 * @param intervalMs 0: there is none, and nothing is ever left of it.
 * @param lastFiredAt When an earlier session took, in milliseconds since the Unix epoch; one in the future counts as
 *   now. Undefined: never.
 */
export function intervalSince(intervalMs: number, lastFiredAt: number | undefined, clock: Clock): Countdown {
  return new Countdown(clock, intervalLeftMs(intervalMs, lastFiredAt, clock.now()));
}

/** Milliseconds of an interval that are left, by wall time. */
export function intervalLeftMs(intervalMs: number, lastFiredAt: number | undefined, now: number): number {
  const sinceMs = lastFiredAt === undefined ? intervalMs : Math.max(0, now - lastFiredAt);
  return Math.max(0, intervalMs - sinceMs);
}
