import type { Readable } from 'node:stream';
import { isJsonObject, type Json } from '@aftercommit/models';
import type { Logger } from '@aftercommit/registry';
import { type SourceDocument, SourceError, type SourceReader } from '@aftercommit/runtime-adapter';
import { inThousands } from '../terminal/readable-text.js';
import { InputChunks } from './input-chunks.js';
import { documentOfLine, documentOfUnfinishedLine, lineTooLong, type Place, unfinishedLine } from './line-document.js';
import { type Line, LineSplitter } from './line-splitter.js';
import { type DocumentStream, PagedReader, single } from './paged-reader.js';
import type { ReadingSizes } from './reading-sizes.js';

/** Standard input to be read to its end. */
export type StandardInputOptions = { stdin: Readable; logger: Logger; sizes: ReadingSizes };

/**
 * Opens standard input for reading. It cannot be resumed: what comes is new, whatever the position.
 *
 * @throws SourceError `SOURCE_CHANGED` when the position is not one of standard input.
 */
export function openStandardInput(options: StandardInputOptions, position: Json | undefined): SourceReader {
  checkPosition(position);
  if (position !== undefined) {
    options.logger.warn('Standard input cannot be resumed: what comes now is read as new');
  }
  const closing = new AbortController();
  const reader = new StandardInputReader(options, closing.signal);
  closing.signal.addEventListener('abort', () => reader.warnOfLost(options.logger));
  return new PagedReader({
    documents: reader.documents(),
    position: () => reader.position(),
    pageBytes: options.sizes.pageBytes,
    saysCaughtUp: false,
    closing,
  });
}

function checkPosition(position: Json | undefined): void {
  if (position === undefined || (isJsonObject(position) && isJsonObject(position['stdin']))) return;
  throw new SourceError(
    'SOURCE_CHANGED',
    'What was read before did not come from standard input. Name what it came from as the source, or bind the collection to another table, which gets what comes now.',
  );
}

class StandardInputReader {
  readonly #input: InputChunks;
  readonly #lineBytes: number;
  readonly #lines = new LineSplitter();
  #bytes = 0;
  #lineCount = 0;
  #documentCount = 0;
  #isOver = false;

  constructor({ stdin, sizes }: StandardInputOptions, closing: AbortSignal) {
    this.#input = new InputChunks(stdin, closing);
    this.#lineBytes = sizes.lineBytes;
  }

  position(): Json {
    return { stdin: { bytes: this.#bytes, lines: this.#lineCount } };
  }

  /** Said when it is left. What was committed is not known here, only that the rest is gone. */
  warnOfLost(logger: Logger): void {
    if (this.#isOver || this.#documentCount === 0) return;
    const read = this.#documentCount === 1 ? '1 document' : `${inThousands(this.#documentCount)} documents`;
    logger.warn(
      `Standard input was left before its end, with ${read} read. Those that were not committed cannot be read again`,
    );
  }

  async *documents(): DocumentStream {
    try {
      yield* this.#documents();
    } finally {
      this.#isOver = true;
    }
  }

  async *#documents(): DocumentStream {
    for (let chunk = this.#input.take(); chunk !== 'end'; chunk = this.#input.take()) {
      if (chunk === undefined) {
        yield 'pause';
        await this.#input.arrival();
        continue;
      }
      this.#lines.push(chunk);
      yield () => this.#next();
    }
    const last = this.#take(this.#lines.unfinished(), lastDocument);
    if (last !== undefined) yield single(last);
  }

  /** The next document of what was read. Undefined: it has no whole line any more. */
  #next(): SourceDocument | undefined {
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const document = this.#take(line, documentOfLine);
      if (document !== undefined) return document;
    }
    if (this.#lines.unfinishedBytes > this.#lineBytes) throw lineTooLong(this.#place(), this.#lineBytes);
    return undefined;
  }

  #take(whole: Line, read: (line: Line, place: Place) => SourceDocument): SourceDocument | undefined {
    const line = this.#bytes === 0 ? whole.withoutByteOrderMark() : whole;
    if (line.length > this.#lineBytes) throw lineTooLong(this.#place(), this.#lineBytes);
    const document = line.isBlank ? undefined : read(line, this.#place());
    this.#bytes += line.bytes;
    this.#lineCount += 1;
    if (document !== undefined) this.#documentCount += 1;
    return document;
  }

  #place(): Place {
    return { source: 'standard input', line: this.#lineCount + 1, isResumable: false };
  }
}

function lastDocument(line: Line, place: Place): SourceDocument {
  const document = documentOfUnfinishedLine(line, place);
  if (document === undefined) throw unfinishedLine(line, place);
  return document;
}
