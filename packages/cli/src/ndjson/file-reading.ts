import type { SourceDocument } from '@aftercommit/runtime-adapter';
import { fileReplaced } from './file-errors.js';
import type { FileProgress } from './file-progress.js';
import {
  documentOfLine,
  documentOfUnfinishedLine,
  invalidLine,
  lineTooLong,
  type Place,
  unfinishedLine,
} from './line-document.js';
import { type Line, LineSplitter } from './line-splitter.js';
import type { OpenFile } from './open-file.js';
import type { ReadingSizes } from './reading-sizes.js';
import { readTail } from './resume-file.js';

/**
 * Reads what a file has behind its progress. The progress follows document by document: a line counts when its document
 * is handed out, a blank one when it is passed.
 */
export class FileReading {
  readonly #file: OpenFile;
  readonly #progress: FileProgress;
  readonly #sizes: ReadingSizes;
  readonly #lines = new LineSplitter();
  #readBytes: number;

  private constructor(file: OpenFile, progress: FileProgress, sizes: ReadingSizes) {
    this.#file = file;
    this.#progress = progress;
    this.#sizes = sizes;
    this.#readBytes = progress.bytes;
  }

  /** @throws SourceError `SOURCE_CHANGED` when the file is not the one that was read before. */
  static async begin(file: OpenFile, progress: FileProgress, sizes: ReadingSizes): Promise<FileReading> {
    progress.checkSame(await file.stats());
    // A file that was emptied and written anew is the same one for the system, and may be longer again already.
    const tail = await readTail(file, progress.bytes);
    if (!tail.equals(progress.tail)) throw fileReplaced(progress.path, progress.bytes);
    return new FileReading(file, progress, sizes);
  }

  /** What was seen of the file, in bytes. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** Reads on. False: the file has no more. */
  async fill(): Promise<boolean> {
    const { prefix, bytes } = this.#progress;
    const chunk = await this.#file.read(this.#readBytes, this.#sizes.chunkBytes);
    if (chunk.length === 0) return false;
    prefix.advance(bytes);
    prefix.arrive(chunk);
    this.#lines.push(chunk);
    this.#readBytes += chunk.length;
    return true;
  }

  /** The next document of what was read. Undefined: it has no whole line any more. */
  next(): SourceDocument | undefined {
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const document = this.#take(this.#marked(line));
      if (document !== undefined) return document;
    }
    if (this.#lines.unfinishedBytes > this.#sizes.lineBytes) throw lineTooLong(this.#place(), this.#sizes.lineBytes);
    return undefined;
  }

  /**
   * The document of a last line without a line end. It counts, and what is appended later has to begin with the line end.
   *
   * @param waitsForRest Whether a line that is no document yet stays for later, rather than being an error.
   */
  last(waitsForRest: boolean): SourceDocument | undefined {
    const line = this.#marked(this.#lines.unfinished());
    if (line.isBlank) return undefined;
    this.#checkRestOfLine();
    const document = documentOfUnfinishedLine(line, this.#place());
    if (document === undefined) {
      if (waitsForRest) return undefined;
      throw unfinishedLine(line, this.#place());
    }
    this.#count(line, { isEnded: false });
    return document;
  }

  /** The end of the file was reached: remembers what tells this file from another one. */
  async finish(): Promise<void> {
    const { prefix, bytes } = this.#progress;
    prefix.advance(bytes);
    prefix.rewind();
    this.#progress.tail = await readTail(this.#file, bytes);
    this.#progress.exhaustedAtSize = this.#readBytes;
  }

  #take(line: Line): SourceDocument | undefined {
    if (line.length > this.#sizes.lineBytes) throw lineTooLong(this.#place(), this.#sizes.lineBytes);
    const { isBlank } = line;
    if (!isBlank) this.#checkRestOfLine();
    const document = isBlank ? undefined : documentOfLine(line, this.#place());
    this.#count(line, { isEnded: true });
    return document;
  }

  /** The first line of a file may begin with a mark. */
  #marked(line: Line): Line {
    return this.#progress.bytes === 0 ? line.withoutByteOrderMark() : line;
  }

  #checkRestOfLine(): void {
    if (!this.#progress.isInsideLine) return;
    throw invalidLine(this.#place(), 'goes on behind a document that was read before, without a line end in between');
  }

  #count(line: Line, { isEnded }: { isEnded: boolean }): void {
    this.#progress.bytes += line.bytes;
    if (!this.#progress.isInsideLine) this.#progress.lines += 1;
    this.#progress.isInsideLine = !isEnded;
  }

  #place(): Place {
    const { path, lines, isInsideLine } = this.#progress;
    return { source: path, line: isInsideLine ? lines : lines + 1, isResumable: true };
  }
}
