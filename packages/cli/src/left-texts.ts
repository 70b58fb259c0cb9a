import { isFenced } from './exit-code.js';
import { counted, localTime, oneLine, span } from './readable-text.js';
import type { TaskProgress } from './task-progress.js';

/**
 * What a task leaves for its next run, one sentence per trigger.
 *
 * @param now In milliseconds since 1970.
 */
export function leftTexts(task: TaskProgress, now: number): string[] {
  // Another run goes on with it.
  if (task.failure !== undefined && isFenced(task.failure.code)) return [];
  return [...task.triggers].flatMap(([name, { state, windows }]) => {
    if (windows.length === 0) return [];
    const count = counted(windows.length, 'window');
    const them = windows.length === 1 ? 'it' : 'them';
    const after = `the first run after that delivers ${them}`;
    if (state.is === 'waiting') {
      if (state.at === undefined) return [`${name} waits for its interval: ${count}; ${after}`];
      const due = `due at ${localTime(state.at, now)} (${state.at > now ? `in ${span(state.at - now)}` : 'now'})`;
      return [`${name} waits for its interval: ${count}, ${due}; ${after}`];
    }
    if (state.is === 'retrying') {
      return [`${name} has ${count} left, last attempt: ${oneLine(state.reason)}; the next run tries again`];
    }
    const hasFailed = state.is === 'due' && state.hasFailed === true;
    return [`${name} has ${count} left; the next run ${hasFailed ? 'tries again' : `delivers ${them}`}`];
  });
}
