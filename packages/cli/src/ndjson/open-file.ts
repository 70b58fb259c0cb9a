import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { fileUnreadable, isMissing } from './file-errors.js';

/** A file that is open for reading; its errors are the source's. */
export class OpenFile {
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /**
   * @param path What it is called in messages.
   * @returns Undefined: there is no such file.
   * @throws SourceError `SOURCE_UNAVAILABLE`
   */
  static async open(path: string, absolutePath: string): Promise<OpenFile | undefined> {
    const handle = await orUnreadable(path, () => open(absolutePath, 'r'));
    return handle && new OpenFile(path, handle);
  }

  stats(): Promise<BigIntStats> {
    return this.#attempt(() => this.#handle.stat({ bigint: true }));
  }

  /** At most `length` bytes from `position` on; none at the end of the file. */
  async read(position: number, length: number): Promise<Buffer> {
    const chunk = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#attempt(() => this.#handle.read(chunk, 0, length, position));
    return chunk.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #attempt<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await call();
    } catch (error) {
      throw fileUnreadable(this.#path, error);
    }
  }
}

/** Undefined: there is no such file. @throws SourceError `SOURCE_UNAVAILABLE` */
export function statsOf(path: string, absolutePath: string): Promise<BigIntStats | undefined> {
  return orUnreadable(path, () => stat(absolutePath, { bigint: true }));
}

async function orUnreadable<Result>(path: string, call: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileUnreadable(path, error);
  }
}
