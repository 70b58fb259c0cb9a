/** How long a task that failed is left alone, so that one that always fails does not wander from host to host. */
export const failureBackoff = {
  /** After the first failure, in milliseconds; doubled with each further one. */
  firstMs: 1_000,
  longestMs: 60_000,
  /** A task that ran for so long has shown that it can: its failures before that are forgotten. */
  ranWellMs: 60_000,
} as const;

/** @param failures In a row, at least 1. */
export function backoffMs(failures: number): number {
  const { firstMs, longestMs } = failureBackoff;
  return Math.min(longestMs, firstMs * 2 ** (failures - 1));
}
