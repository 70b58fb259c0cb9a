import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Document, Json } from '@aftercommit/models';
import type { Clock, Logger } from '@aftercommit/registry';
import {
  isSourceError,
  type Source,
  type SourceDocument,
  type SourceErrorCode,
  systemClock,
} from '@aftercommit/runtime-adapter';
import { ndjsonSource } from '../src/ndjson/ndjson-source.js';
import type { ReadingSizes } from '../src/ndjson/reading-sizes.js';

/** A temporary folder with files in it, for tests, and sources that read them. */
export class NdjsonBench {
  readonly directory: string;
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  readonly #logger: Logger = {
    info: (message) => void this.infos.push(message),
    warn: (message) => void this.warnings.push(message),
  };

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<NdjsonBench> {
    return new NdjsonBench(await mkdtemp(join(tmpdir(), 'ndjson-')));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async write(name: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), content);
  }

  append(name: string, content: string): Promise<void> {
    return appendFile(this.path(name), content);
  }

  source(patterns: readonly string[], options: BenchOptions = {}): Source {
    const { follow = false, clock = systemClock, stdin = Readable.from([]), ...sizes } = options;
    const { directory } = this;
    return ndjsonSource({ patterns, directory, follow, clock, logger: this.#logger, stdin }, sizes);
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

type BenchOptions = Partial<ReadingSizes> & { follow?: boolean; clock?: Clock; stdin?: Readable };

/** What was read until the end. */
export type Reading = {
  documents: Document[];
  places: string[];
  read: SourceDocument[];
  /** After each page. */
  positions: Json[];
  caughtUp: boolean[];
  /** That of the last page, or the one it began with. */
  position: Json | undefined;
};

/** Reads a source to its end; positions go through JSON, as they do in a store. */
export async function readAll(source: Source, position?: Json, limit = 1000): Promise<Reading> {
  const reader = await source.open(position);
  const read: SourceDocument[] = [];
  const positions: Json[] = [];
  const caughtUp: boolean[] = [];
  try {
    for (let page = await reader.next(limit); page !== undefined; page = await reader.next(limit)) {
      read.push(...page.documents);
      positions.push(JSON.parse(JSON.stringify(page.position)) as Json);
      caughtUp.push(page.isCaughtUp);
    }
  } finally {
    await reader.close();
  }
  return {
    documents: read.map(({ document }) => document),
    places: read.map(({ place }) => place),
    read,
    positions,
    caughtUp,
    position: positions.at(-1) ?? position,
  };
}

/** The code and message of the error that a promise must end with. */
export async function sourceError(
  promise: Promise<unknown>,
): Promise<{ code: SourceErrorCode; message: string; cause: unknown }> {
  const error: unknown = await promise.then(
    () => new Error('There was no error'),
    (reason: unknown) => reason,
  );
  if (!isSourceError(error)) throw error;
  return { code: error.code, message: error.message, cause: error.cause };
}
