import { PassThrough, type Readable, Writable } from 'node:stream';
import { systemClock } from '@aftercommit/runtime-adapter';
import type { CommandLineIo, StopSignal, TerminalStream } from '../src/terminal/command-line-io.js';

/** A stream that keeps what is written to it, and may say that it is a terminal. */
export class CollectedText extends Writable implements TerminalStream {
  text = '';
  #waiting: Array<{ text: string; resolve: () => void }> = [];
  readonly isTTY: boolean;
  columns: number;
  rows: number;

  constructor({ isTTY = false, columns = 80, rows = 24 } = {}) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    for (const { resolve } of this.#waiting.filter(({ text }) => this.text.includes(text))) resolve();
    this.#waiting = this.#waiting.filter(({ text }) => !this.text.includes(text));
    done();
  }

  /** Resolves when the text was written, if it is not there already. */
  async until(text: string): Promise<void> {
    if (this.text.includes(text)) return;
    await new Promise<void>((resolve) => this.#waiting.push({ text, resolve }));
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  /** What is written as JSON, one object per line. */
  get objects(): Array<Record<string, unknown>> {
    return this.lines.map((line) => JSON.parse(line));
  }
}

/** A command line without a process. */
export type TestIo = CommandLineIo & {
  stdout: CollectedText;
  stderr: CollectedText;
  /** The exit codes with which the process would have ended at once. */
  exits: number[];
  send(signal: StopSignal): void;
  /** How many listen to signals. */
  readonly listening: number;
};

export function testIo(cwd: string, options: Partial<CommandLineIo> & { isTTY?: boolean } = {}): TestIo {
  const listeners = new Set<(signal: StopSignal) => void>();
  const exits: number[] = [];
  const { isTTY = false, ...own } = options;
  const stdin: Readable = new PassThrough();
  return {
    stdin,
    env: {},
    cwd,
    clock: systemClock,
    exits,
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    keepConsoleApart() {},
    exit: (code) => exits.push(code),
    send: (signal) => {
      for (const listener of listeners) listener(signal);
    },
    get listening() {
      return listeners.size;
    },
    ...own,
    stdout: new CollectedText({ isTTY }),
    stderr: new CollectedText({ isTTY }),
  };
}
