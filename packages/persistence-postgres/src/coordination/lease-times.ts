/** How the time within which others take over from a worker that stands still is divided, in milliseconds. */
export type LeaseTimes = {
  /** From one renewal to the next, as long as they succeed. */
  readonly renewEveryMs: number;
  /** For one answer of the server: then the connection is given up, and another one is tried. */
  readonly answerWithinMs: number;
  /** From before a renewal was sent, by the worker's own clock: then it stops its tasks. */
  readonly ownMs: number;
  /** From when the renewal was written, by the server's clock: then others may take the tasks over. */
  readonly othersMs: number;
};

/**
 * A worker ends its own lease a twentieth before others do, so that its tasks have time to stop. Others are left a tenth to notice
 * it and to start the tasks: by then `ttlMs` are over since the last renewal, and not more since the worker stood still.
 */
export function leaseTimes(ttlMs: number): LeaseTimes {
  return {
    renewEveryMs: ttlMs * 0.3,
    answerWithinMs: Math.ceil(ttlMs * 0.4),
    ownMs: ttlMs * 0.85,
    othersMs: ttlMs * 0.9,
  };
}
