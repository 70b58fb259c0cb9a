import type { Clock } from '@aftercommit/registry';

/** Kinds are met as they are used: with time that passes. `behindMs`: how far the wall clock is behind. */
export function realClock(behindMs = 0): Clock {
  return {
    now: () => Date.now() - behindMs,
    monotonic: () => performance.now(),
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.min(durationMs, 2 ** 31 - 1));
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}
