import type { TerminalStream } from './command-line-io.js';

/**
 * One of the two streams that people and programs read. Nobody has to read to the end: when the reader is gone
 * (`| head`), what is written is dropped without an error.
 */
export class Output {
  readonly stream: TerminalStream;
  /** Aborts when nobody can read any more what is written. */
  readonly closed: AbortSignal;
  readonly #close = new AbortController();
  #failure: Error | undefined;

  constructor(stream: TerminalStream) {
    this.stream = stream;
    this.closed = this.#close.signal;
    stream.on('error', this.#onError);
  }

  /** Why it could not be written to, such as a full disk. Undefined: it could, or its reader went away. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  write(text: string): void {
    if (!this.closed.aborted) this.stream.write(text);
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  /** Resolves when everything written was taken by the system, or can never be. Nothing may be written afterwards. */
  async end(): Promise<void> {
    if (!this.closed.aborted) await new Promise<void>((resolve) => this.stream.write('', () => resolve()));
    // An error follows the callback of the write that met it.
    await new Promise((resolve) => setImmediate(resolve));
    this.stream.off('error', this.#onError);
  }

  readonly #onError = (error: Error & { code?: string }): void => {
    const isReaderGone = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
    if (!isReaderGone) this.#failure ??= error;
    this.#close.abort();
  };
}

/** Where a command prints: what was asked for, and what there is to say beside it. */
export type Outputs = {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether a program reads: standard output has one JSON object per line and nothing else, also when something is wrong. */
  readonly isJson: boolean;
};
