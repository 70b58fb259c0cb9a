import { isFenced } from '../exit-code.js';
import type { TaskProgress } from '../progress/task-progress.js';
import { counted, localTime, oneLine, span } from '../terminal/readable-text.js';

/**
 * What a task leaves for its next run or for a person, one sentence for each outbox and what it is about.
 *
 * @param now In milliseconds since 1970.
 * @param parkedList The command that lists what is parked.
 */
export function leftTexts(task: TaskProgress, now: number, parkedList: string): string[] {
  return [...waitingTexts(task, now), ...parkedTexts(task, parkedList)];
}

function waitingTexts(task: TaskProgress, now: number): string[] {
  // Another run goes on with it.
  if (task.failure !== undefined && isFenced(task.failure.code)) return [];
  return [...task.triggers].flatMap(([name, { state, windows, isStuck }]) => {
    if (windows.length === 0) return [];
    if (isStuck) return [`${name} has ${counted(windows.length, 'window')} left: no more can be parked`];
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

function parkedTexts({ triggers, parkedWithoutTrigger }: TaskProgress, parkedList: string): string[] {
  const countOf = (parked: number): string => counted(parked, 'parked delivery', 'parked deliveries');
  return [
    ...[...triggers].flatMap(([name, { parked }]) =>
      parked === 0 ? [] : [`${name} has ${countOf(parked)}: see ${parkedList}`],
    ),
    ...[...parkedWithoutTrigger].map(
      ([name, parked]) => `${name} has no trigger any more, and ${countOf(parked)}: see ${parkedList}`,
    ),
  ];
}
