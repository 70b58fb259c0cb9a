import type { BigIntStats } from 'node:fs';
import { fileTruncated } from './file-errors.js';
import type { FileMark } from './files-position.js';
import { PrefixHash } from './prefix-hash.js';

/** How far one file was read in this session, and what tells it from another of its name. */
export class FileProgress {
  readonly path: string;
  readonly pattern: string;
  readonly prefix = new PrefixHash();
  /** What was read, up to the end of the last line that counts. */
  bytes = 0;
  /** Lines that were begun. */
  lines = 0;
  /** What was read ends behind a document that has no line end yet. */
  isInsideLine = false;
  /** The last bytes that were read. */
  tail: Buffer = Buffer.alloc(0);
  /** The size at which there was nothing more to read. Undefined: its end was not reached yet. */
  exhaustedAtSize: number | undefined;
  #identity: { dev: bigint; ino: bigint } | undefined;
  #mark: FileMark | undefined;

  constructor(path: string, pattern: string) {
    this.path = path;
    this.pattern = pattern;
  }

  mark(): FileMark {
    if (this.#mark?.bytes !== this.bytes) {
      this.prefix.advance(this.bytes);
      const { bytes, lines, pattern } = this;
      this.#mark = { bytes, lines, sha256: this.prefix.digest(), pattern };
    }
    return this.#mark;
  }

  /**
   * Whether it is another file for the system than the one that was read. It may hold the same: what was read has to be
   * compared then.
   *
   * @param readBytes How much of the file was seen, at least what counts. 0: any file is the same.
   */
  isOther(stats: BigIntStats, readBytes: number = this.bytes): boolean {
    return readBytes > 0 && this.#identity !== undefined && this.#differs(stats);
  }

  /**
   * Takes the file for the one that is read, as long as nothing of it counts.
   *
   * @param readBytes How much of the file was seen, at least what counts.
   * @throws SourceError `SOURCE_CHANGED` when it is shorter now.
   */
  checkSame(stats: BigIntStats, readBytes: number = this.bytes): void {
    if (this.#identity === undefined || readBytes === 0) {
      if (this.#differs(stats)) this.exhaustedAtSize = undefined;
      this.#identity = { dev: stats.dev, ino: stats.ino };
    }
    if (stats.size < BigInt(readBytes)) throw fileTruncated(this.path, Number(stats.size), readBytes);
  }

  #differs(stats: BigIntStats): boolean {
    return this.#identity?.dev !== stats.dev || this.#identity.ino !== stats.ino;
  }
}
