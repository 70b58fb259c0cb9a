import { counted, localTime, oneLine, span } from '../terminal/readable-text.js';
import type { TaskProgress, TriggerProgress } from './task-progress.js';

/**
 * What a task is doing: a few words each, what matters most first.
 *
 * @param now In milliseconds since 1970. Undefined: it is over, and sentences of their own say what is left.
 */
export function activityTexts(task: TaskProgress, now: number | undefined): string[] {
  const { phase, failure } = task;
  if (failure !== undefined) return [`failed: ${failure.code}`];
  if (now === undefined || phase === 'opening') return [phase];
  const doing = phase === 'running' ? runningTexts(task, now) : [phase];
  return [...doing, ...waitingTexts(task, now), ...parkedTexts(task)];
}

/** Whether an attempt failed and is to be repeated. */
export function isRetrying(task: TaskProgress): boolean {
  return task.phase === 'running' && [...task.triggers.values()].some(({ state }) => state.is === 'retrying');
}

function runningTexts({ triggers }: TaskProgress, now: number): string[] {
  const retrying = [...triggers].flatMap(([name, trigger]) => retryingText(name, trigger, now) ?? []);
  const due = [...triggers].flatMap(([name, { state }]) => (state.is === 'due' ? [name] : []));
  const delivering = due.length === 0 ? [] : [`delivering ${due.join(', ')}`];
  const texts = [...retrying, ...delivering];
  return texts.length === 0 ? ['reading'] : texts;
}

function retryingText(name: string, { state }: TriggerProgress, now: number): string | undefined {
  if (state.is !== 'retrying') return undefined;
  const when = state.at > now ? `in ${span(state.at - now)}` : 'now';
  return `retrying ${name} ${when}: ${oneLine(state.reason)}`;
}

function waitingTexts({ triggers }: TaskProgress, now: number): string[] {
  return [...triggers].flatMap(([name, { state, windows }]) => {
    if (state.is !== 'waiting') return [];
    const until = state.at === undefined ? 'for its interval' : `until ${localTime(state.at, now)}`;
    return [`${name} waits ${until} (${counted(windows.length, 'window')})`];
  });
}

function parkedTexts({ triggers }: TaskProgress): string[] {
  return [...triggers].flatMap(([name, { parked }]) => (parked === 0 ? [] : [`${name}: ${parked} parked`]));
}
