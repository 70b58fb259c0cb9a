import { randomUUID } from 'node:crypto';
import type { Clock, Logger, Random } from '@aftercommit/registry';

/** The longest delay a timer of Node can have: 2^31 - 1 milliseconds, 24.8 days. */
const longestTimerMs = 2_147_483_647;

/** The machine's clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(durationMs, signal) {
    let leftMs = durationMs;
    while (leftMs > 0 && signal?.aborted !== true) {
      const partMs = Math.min(leftMs, longestTimerMs);
      await timer(partMs, signal);
      leftMs -= partMs;
    }
    if (signal?.aborted !== true) await socketsRead();
  },
};

/** The machine's randomness. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  // 122 random bits: Node keeps some in store, which makes it ten times as fast as asking for bytes.
  id: () => randomUUID().replaceAll('-', ''),
};

/** Warnings to standard error, nothing else: what a program does when nobody gave it a logger. */
export const standardErrorLogger: Logger = {
  info: () => undefined,
  warn: (message) => console.warn(`aftercommit: ${message}`),
};

/**
 * Timers run before sockets are read. After the process stood still (a long computation, SIGSTOP, a laptop's sleep) an
 * answer may have been there for long: it must be seen before a deadline is called missed.
 */
async function socketsRead(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function timer(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timeout);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timeout = setTimeout(done, durationMs);
    signal?.addEventListener('abort', done, { once: true });
  });
}
