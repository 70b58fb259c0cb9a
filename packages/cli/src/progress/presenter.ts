import type { Clock } from '@aftercommit/registry';
import type { SessionEvent } from '@aftercommit/runtime-adapter';
import type { Output } from '../terminal/output.js';
import type { TaskProgress } from './task-progress.js';

/** Shows a run: to people who look on, to a log, or to a program. */
export interface Presenter {
  /**
   * Something happened.
   *
   * @param task What is known of the task now, this included.
   */
  observe(event: SessionEvent, task: TaskProgress): void;
  /** Says something to people, on standard error: a warning, unless it is `news`. */
  say(message: string, tone?: 'warning' | 'news'): void;
  /** Shows how everything ended. Nothing is shown afterwards. */
  close(): Promise<void>;
}

/** What presenters work with. */
export type PresenterOptions = {
  stdout: Output;
  stderr: Output;
  clock: Clock;
  /** In the order in which they are shown. */
  tasks: readonly TaskProgress[];
  /** The run as it was asked for, as a shell wants it. */
  command: string;
  /** The command that lists what is parked. */
  parkedList: string;
};
