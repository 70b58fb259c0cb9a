import type { Clock } from '@aftercommit/registry';
import type { SessionEvent } from '@aftercommit/runtime-adapter';
import { createLogUpdate } from 'log-update';
import { createColors } from 'picocolors';
import { leftTexts } from '../run/left-texts.js';
import type { Output } from '../terminal/output.js';
import { oneLine, safeLines } from '../terminal/readable-text.js';
import { wrapWords } from '../terminal/text-width.js';
import { failureText } from './failure-text.js';
import type { Presenter, PresenterOptions } from './presenter.js';
import { type Colors, type LineSpace, taskLines } from './task-lines.js';
import type { TaskProgress } from './task-progress.js';

const refreshEveryMs = 100;
const indent = '  ';

/** For people who look on: one line per task that is written over, and what must stay above them. */
export class LiveScreen implements Presenter {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #clock: Clock;
  readonly #command: string;
  readonly #parkedList: string;
  readonly #colors: { stdout: Colors; stderr: Colors };
  readonly #tasks: Map<string, TaskProgress>;
  readonly #block: ReturnType<typeof createLogUpdate>;
  readonly #closing = new AbortController();
  readonly #refreshing: Promise<void>;

  constructor(options: PresenterOptions & { colors: { stdout: boolean; stderr: boolean } }) {
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
    this.#clock = options.clock;
    this.#command = options.command;
    this.#parkedList = options.parkedList;
    this.#colors = { stdout: createColors(options.colors.stdout), stderr: createColors(options.colors.stderr) };
    this.#tasks = new Map(options.tasks.map((task) => [task.materialization, task]));
    // A cursor that is never hidden need not be brought back, however this ends.
    this.#block = createLogUpdate(this.#stdout.stream, { showCursor: true });
    this.#refreshing = this.#refresh();
  }

  observe(event: SessionEvent, task: TaskProgress): void {
    this.#tasks.set(task.materialization, task);
    if (event.event === 'failed') this.#keep(this.#stdout, this.#failureBlock(event));
  }

  say(message: string, tone: 'warning' | 'news' = 'warning'): void {
    const { yellow } = this.#colors.stderr;
    const text = wrapped(safeLines(message), this.#stderr);
    this.#keep(this.#stderr, tone === 'warning' ? yellow(text) : text);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#refreshing;
    this.#clear();
    const now = this.#clock.now();
    for (const line of this.#lines({ rows: Number.POSITIVE_INFINITY, now: undefined })) this.#stdout.line(line);
    for (const task of this.#tasks.values()) {
      for (const text of leftTexts(task, now, this.#parkedList)) {
        this.#stdout.line(wrapped(`${task.materialization}: ${text}`, this.#stdout));
      }
    }
  }

  /** Time passes also when nothing happens: the next attempt comes nearer. */
  async #refresh(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#draw();
      await this.#clock.sleep(refreshEveryMs, signal);
    }
  }

  #draw(): void {
    if (this.#stdout.closed.aborted || this.#closing.signal.aborted) return;
    // The cursor stands in the line below.
    const rows = Math.max(1, (this.#stdout.stream.rows ?? 24) - 1);
    this.#block(this.#lines({ rows, now: this.#clock.now() }).join('\n'));
  }

  #clear(): void {
    if (!this.#stdout.closed.aborted) this.#block.clear();
  }

  #lines(space: Pick<LineSpace, 'rows' | 'now'>): string[] {
    const columns = this.#stdout.stream.columns ?? 80;
    return taskLines([...this.#tasks.values()], { ...space, columns, colors: this.#colors.stdout });
  }

  /** Writes what stays, above the lines that are written over. */
  #keep(output: Output, text: string): void {
    this.#clear();
    output.line(text);
    this.#draw();
  }

  #failureBlock(event: Extract<SessionEvent, { event: 'failed' }>): string {
    const { red } = this.#colors.stdout;
    const { reason, advice, command } = failureText(event, this.#command);
    return [
      red(wrapped(`✗ ${event.materialization} failed: ${event.code}`, this.#stdout)),
      ...[oneLine(reason), ...(advice === undefined ? [] : [advice])].map((text) =>
        wrapped(indent + text, this.#stdout),
      ),
      // To be copied: in one line, however long it is.
      ...(command === undefined ? [] : [indent + command]),
    ].join('\n');
  }
}

/** Broken between words where the terminal would break it anywhere. */
function wrapped(text: string, { stream: { isTTY, columns = 80 } }: Output): string {
  if (isTTY !== true) return text;
  const lines = text.split('\n').flatMap((line) => wrapWords(line, columns, indent));
  return lines.join('\n');
}
