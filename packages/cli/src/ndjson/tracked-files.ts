import type { BigIntStats } from 'node:fs';
import { resolve } from 'node:path';
import type { Json } from '@aftercommit/models';
import type { Logger } from '@aftercommit/registry';
import { fileRemoved } from './file-errors.js';
import { FileProgress } from './file-progress.js';
import { type FileMark, filesPosition, readFilesPosition } from './files-position.js';
import type { MatchingFile, MatchingFiles } from './matching-files.js';
import { statsOf } from './open-file.js';
import { resumeFile } from './resume-file.js';

/** A file that was read: in this session, or before, with nothing but a mark left of it. */
type TrackedFile = { path: string; mark: FileMark } | FileProgress;

/** Every file that was ever read, and how far. None is forgotten: one that comes back is not read twice. */
export class TrackedFiles {
  readonly #directory: string;
  readonly #patterns: ReadonlySet<string>;
  /** What is named as it is, by absolute path; for a glob a path that no file has. */
  readonly #named: ReadonlySet<string>;
  readonly #chunkBytes: number;
  readonly #logger: Logger;
  /** By absolute path. */
  readonly #files = new Map<string, TrackedFile>();
  readonly #warnedOf = new Set<string>();

  /** @throws SourceError `SOURCE_CHANGED` when the position is not one of files. */
  constructor(options: {
    position: Json | undefined;
    directory: string;
    patterns: readonly string[];
    chunkBytes: number;
    logger: Logger;
  }) {
    this.#directory = options.directory;
    this.#patterns = new Set(options.patterns);
    this.#named = new Set(options.patterns.map((pattern) => resolve(options.directory, pattern)));
    this.#chunkBytes = options.chunkBytes;
    this.#logger = options.logger;
    for (const [path, mark] of readFilesPosition(options.position)) {
      this.#files.set(resolve(options.directory, path), { path, mark });
    }
  }

  /** How far everything was read. */
  position(): Json {
    return filesPosition(
      [...this.#files.values()].map((file) => [file.path, markOf(file)] as const).filter(([, { bytes }]) => bytes > 0),
    );
  }

  /** Whether a file was read by this absolute path. */
  has(absolutePath: string): boolean {
    return this.#files.has(absolutePath);
  }

  /**
   * How far a file was read. What was read of it is compared when an earlier session did, and when the path leads to another
   * file by now: one may have been put in its place that begins with the same.
   *
   * @param stats What the path leads to now. Undefined: that is not looked at.
   * @throws SourceError `SOURCE_CHANGED` when what was read is not there as it was.
   */
  async progressOf(match: MatchingFile, stats?: BigIntStats): Promise<FileProgress> {
    const absolutePath = resolve(this.#directory, match.path);
    const known = this.#files.get(absolutePath);
    const isOther = known instanceof FileProgress && stats !== undefined && known.isOther(stats);
    if (known instanceof FileProgress && !isOther) return known;
    const progress =
      known === undefined
        ? new FileProgress(match.path, match.pattern)
        : await resumeFile({ path: known.path, absolutePath, pattern: match.pattern }, markOf(known), this.#chunkBytes);
    this.#files.set(absolutePath, progress);
    this.#warnedOf.delete(absolutePath);
    return progress;
  }

  /**
   * Looks for files that were read and are matched no more.
   *
   * @throws SourceError `SOURCE_CHANGED` when one is gone that is named as it is. One that a glob matched only is warned
   *   of, once: removing what was read is a way to work with folders.
   */
  async checkGone({ files, aliases }: MatchingFiles): Promise<void> {
    const matched = new Set([...files, ...aliases].map(({ path }) => resolve(this.#directory, path)));
    const gone: string[] = [];
    for (const [absolutePath, file] of this.#files) {
      if (matched.has(absolutePath) || this.#warnedOf.has(absolutePath)) continue;
      if (await this.#isGone(absolutePath, file)) gone.push(absolutePath);
    }
    if (gone.length > 0) this.#warnOfGone(gone);
  }

  async #isGone(absolutePath: string, file: TrackedFile): Promise<boolean> {
    const { bytes, pattern } = markOf(file);
    const isNamed = this.#named.has(absolutePath);
    // Of a pattern that is not configured any more nothing is expected.
    if (bytes === 0 || !(isNamed || this.#patterns.has(pattern))) return false;
    if ((await statsOf(file.path, absolutePath)) !== undefined) return false;
    if (isNamed) throw fileRemoved(file.path);
    // What comes back under this name may be another file: it is compared with all that was read.
    this.#files.set(absolutePath, { path: file.path, mark: markOf(file) });
    return true;
  }

  #warnOfGone(absolutePaths: readonly string[]): void {
    const names = absolutePaths.map((path) => this.#files.get(path)?.path ?? path);
    for (const path of absolutePaths) this.#warnedOf.add(path);
    const shown = names.slice(0, 3).join(', ');
    const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
    this.#logger.warn(
      `${shown}${more}: read before, and not there any more. What was stored of ${names.length > 1 ? 'them' : 'it'} stays, and nothing is read twice if it comes back under this name`,
      { files: names.slice(0, 100) },
    );
  }
}

function markOf(file: TrackedFile): FileMark {
  return file instanceof FileProgress ? file.mark() : file.mark;
}
