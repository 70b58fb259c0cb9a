/**
 * The epoch of a new session: the larger of the last one plus 1 and the wall clock in microseconds, so that it also
 * rises after the database was restored from a copy or deleted.
 *
 * @param last The task's last epoch, 0 for a task that was never opened.
 * @param nowMs Milliseconds since 1970, fractions allowed.
 * @param above An epoch that was seen elsewhere: the new one is above it, too. Undefined: there is none.
 */
export function nextEpoch(last: bigint, nowMs: number, above = 0n): bigint {
  const clock = BigInt(Math.floor(nowMs * 1000));
  const known = above > last ? above : last;
  return clock > known ? clock : known + 1n;
}
