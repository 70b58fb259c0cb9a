import type { SessionEvent } from '@aftercommit/runtime-adapter';
import type { Output } from '../terminal/output.js';
import { safeLines } from '../terminal/readable-text.js';
import { adviceLine, failureText } from './failure-text.js';
import type { Presenter, PresenterOptions } from './presenter.js';

/**
 * For programs: standard output has one event per line as JSON, and nothing else. People who look at standard error read
 * there what went wrong.
 */
export class JsonLines implements Presenter {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #command: string;

  constructor({ stdout, stderr, command }: Pick<PresenterOptions, 'stdout' | 'stderr' | 'command'>) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#command = command;
  }

  observe(told: SessionEvent): void {
    const { event, at, materialization, ...rest } = told;
    this.#stdout.line(JSON.stringify({ event, at, materialization, ...rest }));
    if (told.event !== 'failed') return;
    const text = failureText(told, this.#command);
    this.say(`${materialization}: failed: ${told.code}: ${text.reason}`);
    const advice = adviceLine(text);
    if (advice !== undefined) this.say(`${materialization}: ${advice}`);
  }

  say(message: string): void {
    this.#stderr.line(safeLines(message));
  }

  async close(): Promise<void> {}
}
