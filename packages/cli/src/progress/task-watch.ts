import type { Clock } from '@aftercommit/registry';
import { Redactor } from '@aftercommit/registry/redaction';
import type { SessionEvent } from '@aftercommit/runtime-adapter';
import { ownErrorCode, unexpectedErrorCode } from '../errors/own-error.js';
import type { RunnableTask } from '../run/runnable-tasks.js';
import type { Presenter } from './presenter.js';
import { progressed, type TaskProgress, unopened } from './task-progress.js';

/** Follows one task: folds its events, and shows them. */
export class TaskWatch {
  readonly #presenter: Presenter;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #redactor: Redactor;
  #progress: TaskProgress;

  constructor(
    { name, triggers }: Pick<RunnableTask, 'name' | 'triggers'>,
    { presenter, clock, stop }: { presenter: Presenter; clock: Clock; stop: AbortSignal },
  ) {
    this.#presenter = presenter;
    this.#clock = clock;
    this.#stop = stop;
    this.#redactor = new Redactor(triggers.flatMap(({ secrets }) => secrets));
    this.#progress = unopened(name, triggers);
  }

  get progress(): TaskProgress {
    return this.#progress;
  }

  readonly observe = (event: SessionEvent): void => {
    this.#progress = progressed(this.#progress, event, this.#stop.aborted);
    this.#presenter.observe(event, this.#progress);
  };

  /**
   * The task failed. Shown once: its session has told it already, unless there never was one.
   *
   * @returns The code of the failure.
   */
  fail(error: unknown): string {
    const code = ownErrorCode(error);
    if (this.#progress.failure === undefined) this.observe(this.#failure(error, code));
    // A bug: whoever mends it needs to know where.
    if (code === undefined) this.#presenter.say(`${this.#progress.materialization}: ${this.#trace(error)}`);
    return code ?? unexpectedErrorCode;
  }

  /** I8: an error that nobody foresaw may quote anything. Ours quote no secret. */
  #failure(error: unknown, code: string | undefined): SessionEvent {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      event: 'failed',
      at: new Date(this.#clock.now()).toISOString(),
      materialization: this.#progress.materialization,
      code: code ?? unexpectedErrorCode,
      reason: code === undefined ? this.#redactor.scrub(reason) : reason,
    };
  }

  #trace(error: unknown): string {
    return this.#redactor.scrub(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
