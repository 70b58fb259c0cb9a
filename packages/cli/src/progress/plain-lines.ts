import type { Clock } from '@aftercommit/registry';
import type { Reconciled, SessionEvent } from '@aftercommit/runtime-adapter';
import { leftTexts } from '../run/left-texts.js';
import type { Output } from '../terminal/output.js';
import { counted, localTime, oneLine, safeLines, span } from '../terminal/readable-text.js';
import { adviceLine, failureText } from './failure-text.js';
import type { Presenter, PresenterOptions } from './presenter.js';
import type { TaskProgress } from './task-progress.js';

const progressEveryMs = 10_000;

/** For logs: a line for what matters when it happens, and a summary; failures on standard error. No escape codes. */
export class PlainLines implements Presenter {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #clock: Clock;
  readonly #command: string;
  readonly #parkedList: string;
  /** When a task's last line was written, by the monotonic clock. */
  readonly #toldAt = new Map<string, number>();

  constructor({ stdout, stderr, clock, command, parkedList }: PresenterOptions) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#clock = clock;
    this.#command = command;
    this.#parkedList = parkedList;
  }

  observe(event: SessionEvent, task: TaskProgress): void {
    if (event.event === 'opened') this.#tell(event, openedText(event));
    // Deliveries that succeeded are numbers of the next such line, and of the last.
    if (event.event === 'committed') this.#tellProgress(event, task);
    if (event.event === 'attempt' && event.outcome !== 'delivered') this.#tell(event, attemptText(event));
    if (event.event === 'parked') this.#tell(event, parkedText(event));
    if (event.event === 'failed') this.#tellFailure(event);
    if (event.event === 'ended') this.#tellEnd(event, task);
  }

  say(message: string): void {
    this.#stderr.line(`${timeOf(this.#clock.now())} ${safeLines(message)}`);
  }

  async close(): Promise<void> {}

  #tell(about: About, text: string): void {
    this.#toldAt.set(about.materialization, this.#clock.monotonic());
    this.#stdout.line(lineOf(about, text));
  }

  #tellProgress(about: About, task: TaskProgress): void {
    const toldAt = this.#toldAt.get(about.materialization) ?? -Infinity;
    if (this.#clock.monotonic() - toldAt >= progressEveryMs) this.#tell(about, countsText(task));
  }

  #tellFailure(event: Extract<SessionEvent, { event: 'failed' }>): void {
    const text = failureText(event, this.#command);
    this.#stderr.line(lineOf(event, `failed: ${event.code}: ${text.reason}`));
    const advice = adviceLine(text);
    if (advice !== undefined) this.#stderr.line(lineOf(event, advice));
  }

  #tellEnd(event: About, task: TaskProgress): void {
    this.#tell(event, `${task.phase === 'failed' ? 'ended' : task.phase}: ${countsText(task)}`);
    for (const text of leftTexts(task, Date.parse(event.at), this.#parkedList)) this.#tell(event, text);
  }
}

type About = Pick<SessionEvent, 'at' | 'materialization'>;

function lineOf({ at, materialization }: About, text: string): string {
  return `${timeOf(Date.parse(at))} ${materialization}: ${oneLine(text)}`;
}

function timeOf(instant: number): string {
  return localTime(instant, instant);
}

function openedText({ runtimeCheckpoint, leftOver }: Extract<SessionEvent, { event: 'opened' }>): string {
  const left = Object.entries(leftOver).map(
    ([trigger, count]) => `; ${trigger} has ${counted(count, 'window')} left over from an earlier run`,
  );
  return `opened, ${startTexts[runtimeCheckpoint]}${left.join('')}`;
}

const startTexts: Record<Reconciled['decision'], string> = {
  new: 'begins at the start of its sources',
  store: 'goes on after the last commit',
  'in-step': 'goes on after the last commit',
  'one-ahead': "goes on after the endpoint's last commit",
  'taken-over': "goes on from the endpoint's runtime checkpoint",
  'began-again': 'begins again from the start of its sources',
  diverged: 'store and endpoint disagree',
};

function attemptText(event: Extract<SessionEvent, { event: 'attempt' }>): string {
  const { trigger, attempt, outcome, reason = '', nextAttemptInMs } = event;
  const next = nextAttemptInMs === undefined ? 'no further attempt' : `next in ${span(nextAttemptInMs)}`;
  const how = outcome === 'rejected' ? 'was rejected' : 'failed';
  return `${trigger}: attempt ${attempt} ${how}: ${reason}; ${next}`;
}

function parkedText({ trigger, runId, attempt }: Extract<SessionEvent, { event: 'parked' }>): string {
  return `${trigger}: parked run ${runId} after ${counted(attempt, 'attempt')}, and goes on`;
}

function countsText({ documents, transactions, deliveries, failedAttempts }: TaskProgress): string {
  const failed = failedAttempts === 0 ? [] : [counted(failedAttempts, 'failed attempt')];
  return [
    counted(documents, 'document'),
    counted(transactions, 'transaction'),
    counted(deliveries, 'delivery', 'deliveries'),
    ...failed,
  ].join(', ');
}
