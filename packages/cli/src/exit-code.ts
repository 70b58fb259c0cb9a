/** What the command line ends with. */
export const exitCodes = {
  /** Everything due was delivered, or the spec is valid. */
  done: 0,
  /** A task failed, or was stopped while something due was left. */
  failed: 1,
  /** The spec or the arguments are wrong: nothing was started. With `plan` also: a payload cannot be made. */
  usage: 2,
  /**
   * Everything due was delivered or parked, and something is parked: it waits for a person. With `plan`: the next run leaves
   * something without a trigger.
   */
  parked: 3,
  /** Another run of the same task was started, and this one gave way. */
  fenced: 4,
} as const;

/**
 * How one task ended. `parked`: deliveries are set aside, also by earlier runs and by triggers that are gone. `left`: it was stopped, and something that
 * was due is left for the next run.
 */
export type TaskResult = { result: 'done' | 'parked' | 'left' } | { result: 'failed'; code: string };

/** Whether a materialization failed because another run of it goes on. */
export function isFenced(code: string): boolean {
  return code === 'STORE_FENCED' || code === 'ENDPOINT_FENCED';
}

/** Of several tasks that ended differently, what needs a person most. */
export function exitCodeOf(results: readonly TaskResult[]): number {
  const failures = results.flatMap((one) => (one.result === 'failed' ? [one.code] : []));
  if (!failures.every(isFenced)) return exitCodes.failed;
  if (results.some(({ result }) => result === 'left')) return exitCodes.failed;
  if (failures.length > 0) return exitCodes.fenced;
  return results.some(({ result }) => result === 'parked') ? exitCodes.parked : exitCodes.done;
}

/** What a shell says of a program that the signal ended. */
export function signalExitCode(signal: 'SIGINT' | 'SIGTERM'): number {
  return signal === 'SIGINT' ? 130 : 143;
}
