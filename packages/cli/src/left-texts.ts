import { counted, localTime, oneLine, shellQuoted, span } from './readable-text.js';
import type { TaskProgress } from './task-progress.js';

/**
 * What a task leaves for its next run, one sentence per trigger.
 *
 * @param now In milliseconds since 1970.
 * @param specPath The spec, as it was given.
 */
export function leftTexts(task: TaskProgress, now: number, specPath: string): string[] {
  return [...waitingTexts(task, now), ...parkedTexts(task, specPath)];
}

function waitingTexts(task: TaskProgress, now: number): string[] {
  return [...task.triggers].flatMap(([name, { state, windows, isStuck }]) => {
    if (windows.length === 0) return [];
    if (isStuck) return [`${name} has ${counted(windows.length, 'window')} left: no more can be parked`];
    const count = counted(windows.length, 'window');
    const after = `the first run after that delivers ${windows.length === 1 ? 'it' : 'them'}`;
    if (state.is === 'waiting') {
      if (state.at === undefined) return [`${name} waits for its interval: ${count}; ${after}`];
      const due = `due at ${localTime(state.at, now)} (${state.at > now ? `in ${span(state.at - now)}` : 'now'})`;
      return [`${name} waits for its interval: ${count}, ${due}; ${after}`];
    }
    const why = state.is === 'retrying' ? `, last attempt: ${oneLine(state.reason)}` : '';
    return [`${name} has ${count} left${why}; the next run delivers ${windows.length === 1 ? 'it' : 'them'}`];
  });
}

function parkedTexts(task: TaskProgress, specPath: string): string[] {
  return [...task.triggers].flatMap(([name, { parked }]) => {
    if (parked === 0) return [];
    const command = `aftercommit parked list ${shellQuoted(specPath)}`;
    return [`${name} has ${counted(parked, 'parked delivery', 'parked deliveries')}: see ${command}`];
  });
}
