import type { Random } from '@aftercommit/registry';

/** The longest wait between two attempts, before jitter. */
const longestDelayMs = 30_000;

/** The longest wait a receiver may ask for. */
export const longestRetryAfterMs = 600_000;

/** 1, 2, 4, 8, 16, 30, 30… seconds: the wait after the n-th failure, counted from 1, before jitter. In milliseconds. */
export function backoffMs(failures: number): number {
  return Math.min(longestDelayMs, 1_000 * 2 ** Math.min(failures - 1, 10));
}

/**
 * The wait before the next attempt or round, in milliseconds: uniform between half and the whole of the backoff (equal
 * jitter, also at the cap, so that many tasks whose receiver came back do not call at once), and at least what the
 * receiver asked for, up to ten minutes.
 */
export function waitMs(failures: number, random: Random, retryAfterMs = 0): number {
  const whole = backoffMs(failures);
  const jittered = whole / 2 + random.fraction() * (whole / 2);
  return Math.round(Math.max(jittered, Math.min(retryAfterMs, longestRetryAfterMs)));
}
