import type { Readable } from 'node:stream';
import { SourceError } from '@aftercommit/runtime-adapter';
import { systemReason } from './file-errors.js';
import { inputIsNew } from './line-document.js';
import { readerClosed } from './paged-reader.js';

/** The chunks of a stream, and whether one is at hand. */
export class InputChunks {
  readonly #stream: Readable;
  readonly #closing: AbortSignal;
  /** Something happened since `take` looked. */
  #hasNews = false;
  #wake: (() => void) | undefined;
  #error: unknown;

  constructor(stream: Readable, closing: AbortSignal) {
    this.#stream = stream;
    this.#closing = closing;
    const wake = (): void => {
      this.#hasNews = true;
      this.#wake?.();
    };
    stream.on('readable', wake).on('end', wake).on('close', wake);
    stream.on('error', (error) => {
      this.#error = error;
      wake();
    });
    // Destroyed, so that a terminal or pipe that stays open does not keep the process from ending.
    closing.addEventListener('abort', () => {
      stream.off('readable', wake).off('end', wake).off('close', wake).destroy();
      wake();
    });
  }

  /**
   * The next chunk. Undefined: it has to be waited for.
   *
   * @throws SourceError `SOURCE_UNAVAILABLE` when the stream broke off, or its reader was closed.
   */
  take(): Buffer | 'end' | undefined {
    this.#hasNews = false;
    if (this.#closing.aborted) throw readerClosed();
    const chunk: unknown = this.#stream.read();
    if (chunk !== null) return toBuffer(chunk);
    if (this.#stream.readableEnded) return 'end';
    const error = this.#error ?? this.#stream.errored;
    if (error !== undefined && error !== null) throw brokenOff(systemReason(error), error);
    if (this.#stream.destroyed) throw brokenOff('it was closed before its end');
    return undefined;
  }

  /** Resolves when `take` may have something. */
  async arrival(): Promise<void> {
    if (this.#hasNews) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}

function toBuffer(chunk: unknown): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw brokenOff('it gives something other than bytes');
}

function brokenOff(reason: string, cause?: unknown): SourceError {
  return new SourceError('SOURCE_UNAVAILABLE', `Standard input cannot be read: ${reason}. ${inputIsNew}`, { cause });
}
