import type { PayloadPlan } from '@aftercommit/delivery';

/** Where a window is from: what is known of a task, or a file that a person gave. */
export type WindowSource = PayloadPlan['from'] | 'file';

/** Of what a payload is made, behind `of`. */
export const windowSources: Record<WindowSource, string> = {
  'last-commit': 'the last commit',
  waiting: 'the newest window that waits',
  parked: 'the newest that is parked',
  placeholder: 'a placeholder, because no commit with documents is known',
  file: 'the window that was given',
};

/** `the last commit, run 2024-01-01T00:00:00.000000Z`. A placeholder has no run that anybody knows. */
export function windowText({ from, runId }: { from: WindowSource; runId: string }): string {
  return from === 'placeholder' ? windowSources[from] : `${windowSources[from]}, run ${runId}`;
}
