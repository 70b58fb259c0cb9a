import { resolve } from 'node:path';
import type { Json } from '@aftercommit/models';
import type { Clock, Logger } from '@aftercommit/registry';
import { type SourceDocument, SourceError, type SourceReader } from '@aftercommit/runtime-adapter';
import type { FileProgress } from './file-progress.js';
import { FileReading } from './file-reading.js';
import { type MatchingFile, type MatchingFiles, matchingFiles } from './matching-files.js';
import { OpenFile, statsOf } from './open-file.js';
import { type DocumentStream, type DocumentsAtHand, PagedReader, readerClosed, single } from './paged-reader.js';
import type { ReadingSizes } from './reading-sizes.js';
import { TrackedFiles } from './tracked-files.js';

/** How often it is looked for what was appended, and for new files. */
const pollMs = 200;

/** Files to be read one after the other. */
export type FilesOptions = {
  patterns: readonly string[];
  directory: string;
  follow: boolean;
  clock: Clock;
  logger: Logger;
  sizes: ReadingSizes;
};

/** Opens files for reading behind a position, after everything before it was found to be as it was. */
export async function openFiles(options: FilesOptions, position: Json | undefined): Promise<SourceReader> {
  const tracked = new TrackedFiles({
    position,
    directory: options.directory,
    patterns: options.patterns,
    chunkBytes: options.sizes.chunkBytes,
    logger: options.logger,
  });
  const isTracked = (absolutePath: string) => tracked.has(absolutePath);
  const matches = await matchingFiles(options.patterns, options.directory, { isTracked });
  await tracked.checkGone(matches);
  if (!options.follow) checkMatched(matches, options.logger);
  for (const file of [...matches.files, ...matches.aliases]) await tracked.progressOf(file);

  const closing = new AbortController();
  return new PagedReader({
    documents: new FilesReader(options, tracked, closing.signal).documents(),
    position: () => tracked.position(),
    pageBytes: options.sizes.pageBytes,
    saysCaughtUp: true,
    closing,
  });
}

/** A glob may match nothing as long as something else is matched; what is named as it is has to be there. */
function checkMatched({ files, unmatched }: MatchingFiles, logger: Logger): void {
  const missing = unmatched.filter(({ isGlob }) => !isGlob || files.length === 0).map(({ pattern }) => pattern);
  if (missing.length === 0) {
    for (const { pattern } of unmatched) logger.warn(`No file matches ${pattern}; the other sources are read`);
    return;
  }
  throw new SourceError(
    'SOURCE_UNAVAILABLE',
    `There is no file ${missing.join(', ')}. Correct the name, which is relative to the spec, or run with --follow to wait for it.`,
  );
}

class FilesReader {
  readonly #options: FilesOptions;
  readonly #tracked: TrackedFiles;
  readonly #closing: AbortSignal;
  #saidThatItWaits = false;
  /** Whether there was a document since it was last looked for files. */
  #hasRead = false;

  constructor(options: FilesOptions, tracked: TrackedFiles, closing: AbortSignal) {
    this.#options = options;
    this.#tracked = tracked;
    this.#closing = closing;
  }

  /** Everything at hand, file by file; then it pauses and looks again, if it follows. */
  async *documents(): DocumentStream {
    const { patterns, directory, follow, clock } = this.#options;
    for (;;) {
      this.#hasRead = false;
      const matches = await matchingFiles(patterns, directory, { isTracked: (path) => this.#tracked.has(path) });
      await this.#tracked.checkGone(matches);
      for (const alias of matches.aliases) await this.#lookAt(alias);
      for (const file of matches.files) yield* this.#documentsOf(file);
      if (!follow) return;
      this.#sayThatItWaits(matches);
      yield 'pause';
      if (!this.#hasRead) await clock.sleep(pollMs, this.#closing);
      this.#checkOpen();
    }
  }

  /** What a file has behind its progress; also what one has that was put in its place meanwhile. */
  async *#documentsOf(match: MatchingFile): AsyncGenerator<DocumentsAtHand, void, void> {
    for (let isThere = true; isThere; ) {
      const progress = await this.#lookAt(match);
      isThere = progress !== undefined && (yield* this.#documentsBehind(progress, match));
      this.#checkOpen();
    }
  }

  /** Undefined: there is nothing to be read of it. What was read is compared if the path leads to another file by now. */
  async #lookAt(match: MatchingFile): Promise<FileProgress | undefined> {
    const stats = await statsOf(match.path, this.#absolute(match));
    if (stats === undefined) return undefined;
    const progress = await this.#tracked.progressOf(match, stats);
    progress.checkSame(stats);
    const size = Number(stats.size);
    return size > progress.bytes && size !== progress.exhaustedAtSize ? progress : undefined;
  }

  /**
   * Reads one file. It is open only meanwhile.
   *
   * @returns Whether its path leads to another file by now.
   */
  async *#documentsBehind(progress: FileProgress, match: MatchingFile): AsyncGenerator<DocumentsAtHand, boolean, void> {
    const file = await OpenFile.open(progress.path, this.#absolute(match));
    if (file === undefined) return false;
    try {
      if (progress.isOther(await file.stats())) return true;
      const reading = await FileReading.begin(file, progress, this.#options.sizes);
      while (await reading.fill()) {
        this.#checkOpen();
        yield () => this.#noted(reading.next());
      }
      const isReplaced = await this.#isReplaced(progress, match, reading.readBytes);
      const last = isReplaced ? undefined : reading.last(this.#options.follow);
      await reading.finish();
      if (last !== undefined) yield single(this.#noted(last));
      return isReplaced;
    } finally {
      await file.close();
    }
  }

  #noted<Document extends SourceDocument | undefined>(document: Document): Document {
    if (document !== undefined) this.#hasRead = true;
    return document;
  }

  async #isReplaced(progress: FileProgress, match: MatchingFile, readBytes: number): Promise<boolean> {
    const stats = await statsOf(progress.path, this.#absolute(match));
    if (stats === undefined) return false;
    if (progress.isOther(stats, readBytes)) return true;
    progress.checkSame(stats, readBytes);
    return false;
  }

  #absolute({ path }: MatchingFile): string {
    return resolve(this.#options.directory, path);
  }

  #checkOpen(): void {
    if (this.#closing.aborted) throw readerClosed();
  }

  #sayThatItWaits({ unmatched }: MatchingFiles): void {
    if (this.#saidThatItWaits || unmatched.length === 0) return;
    this.#saidThatItWaits = true;
    this.#options.logger.info(
      `Waits for ${unmatched.map(({ pattern }) => pattern).join(', ')}: there is no such file yet`,
    );
  }
}
