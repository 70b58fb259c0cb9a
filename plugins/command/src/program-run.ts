import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { OutputTail } from './output-tail.js';

/** What is run. Nothing of it is read by a shell. */
export type Program = {
  program: string;
  args: readonly string[];
  env: Record<string, string>;
  /** Undefined: where this process runs. */
  cwd: string | undefined;
  /** What is on its standard input. */
  input: Uint8Array;
};

/** How a program ended: with a code, or by a signal. Or why it did not start: the system's error. */
export type ProgramEnd = { code: number | null; signal: string | null } | { startError: unknown };

/** A program that was started, in a process group of its own: that group is ended as one. */
export class ProgramRun {
  /** Resolves when the program itself has ended, whoever still holds its output; never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** Resolves when its output has ended, too: never, when a process that it left behind holds it; never rejects. */
  readonly outputEnded: Promise<void>;
  readonly #child: ChildProcessWithoutNullStreams | undefined;
  readonly #errors = new OutputTail();
  readonly #output = new OutputTail();

  constructor({ program, args, env, cwd, input }: Program) {
    try {
      // `detached` makes it the leader of a new group. A Ctrl-C on the terminal is not for it, either.
      const child = spawn(program, [...args], { env, detached: true, ...(cwd !== undefined && { cwd }) });
      this.#child = child;
      this.ended = endOf(child);
      this.outputEnded = new Promise((resolve) => child.once('close', () => resolve()));
      child.stderr.on('data', (chunk: Buffer) => this.#errors.add(chunk));
      child.stdout.on('data', (chunk: Buffer) => this.#output.add(chunk));
      // A program need not read its input, and may close what it writes to: how it ends says whether it was content.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
      child.stdin.end(input);
    } catch (startError) {
      this.ended = Promise.resolve({ startError });
      this.outputEnded = Promise.resolve();
    }
  }

  /** What it said: the end of its standard error, or of its standard output when it wrote no errors. One line. */
  get evidence(): string {
    return this.#errors.line() || this.#output.line();
  }

  /**
   * Ends every process of its group at once. Those that made a group of their own are out of reach.
   *
   * @returns Whether nothing is left of it: false when the system does not let this user end it.
   */
  kill(): boolean {
    const pid = this.#child?.pid;
    if (pid === undefined) return true;
    try {
      process.kill(-pid, 'SIGKILL');
      return true;
    } catch (error) {
      // ESRCH: it has ended by itself.
      return error instanceof Error && 'code' in error && error.code === 'ESRCH';
    }
  }

  /** Reads no more of its output: a process that was left behind and holds it keeps nobody here alive. */
  letGo(): void {
    this.#child?.stdout.destroy();
    this.#child?.stderr.destroy();
  }
}

function endOf(child: ChildProcessWithoutNullStreams): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', (startError) => resolve({ startError }));
  });
}
