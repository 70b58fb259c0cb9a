import timers from 'node:timers';
import timerPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import type { KindScope } from './kind-scope.js';
import { Patches } from './patches.js';

/** A minute of a kind's timers is 60 ms. */
const factor = 1000;

/** How long timers of a kind may still go off after the work, in real milliseconds: 80 s of its time, and what follows. */
const quietMs = 80;

/**
 * Does the work while a kind's timers go off a thousand times as early, and waits for those that it leaves behind: what a
 * kind means to do later, it does now. Others' timers go as ever.
 */
export async function timeLapse<Result>(scope: KindScope, work: () => Promise<Result>): Promise<Result> {
  const patches = new Patches();
  const shorter = (ms: number | undefined) => (scope.isInside && ms !== undefined ? ms / factor : ms);
  const quick = <Timer extends typeof setTimeout | typeof setInterval>(original: Timer): Timer => {
    const start = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
      original(callback, shorter(ms), ...args);
    return Object.assign(start, {
      [promisify.custom]: (ms: number, ...rest: [unknown?, object?]) => timerPromises.setTimeout(ms, ...rest),
    }) as unknown as Timer;
  };
  for (const target of [globalThis, timers]) {
    patches.replace(target, 'setTimeout', quick).replace(target, 'setInterval', quick);
  }
  patches.replace(
    timerPromises,
    'setTimeout',
    (original) =>
      (ms, ...rest) =>
        original(shorter(ms), ...rest),
  );
  try {
    const result = await work();
    await timerPromises.setTimeout(quietMs);
    return result;
  } finally {
    patches.restore();
  }
}
