import type { Readable } from 'node:stream';
import type { Clock, Logger } from '@aftercommit/registry';
import { type Source, SourceError } from '@aftercommit/runtime-adapter';
import { openFiles } from './files-reader.js';
import { patternsProblem, standardInput } from './ndjson-patterns.js';
import { defaultSizes, type ReadingSizes } from './reading-sizes.js';
import { openStandardInput } from './standard-input-reader.js';

/** What an NDJSON source reads, and how. */
export type NdjsonOptions = {
  /** Files and globs, relative to `directory` or absolute, read in this order; or `-` alone, for standard input. */
  patterns: readonly string[];
  /** An absolute path. */
  directory: string;
  /** Whether it waits at the end for what is appended and for new files, and never ends by itself. Standard input ends. */
  follow: boolean;
  /** Waits between two looks. */
  clock: Clock;
  logger: Logger;
  /** Read, and destroyed by `close`, only where the pattern is `-`. */
  stdin: Readable;
};

/**
 * Files of newline-delimited JSON, or standard input, as a source: one document per line. Blank lines and a byte order mark
 * at the beginning are passed over. Its position holds how far each file was read and the SHA-256 of that.
 *
 * @param sizes Default: chunks of 128 KiB, pages of 1 MiB, lines of at most 64 MiB.
 */
export function ndjsonSource(options: NdjsonOptions, sizes: Partial<ReadingSizes> = {}): Source {
  const { patterns, stdin, logger } = options;
  const allSizes = { ...defaultSizes, ...sizes };
  const isStandardInput = patterns.includes(standardInput);
  let isStandardInputTaken = false;
  return {
    isResumable: !isStandardInput,
    async open(position) {
      const problem = patternsProblem(patterns);
      if (problem !== undefined) throw new SourceError('SOURCE_UNAVAILABLE', `The NDJSON source ${problem}.`);
      if (!isStandardInput) return openFiles({ ...options, sizes: allSizes }, position);
      if (isStandardInputTaken) throw standardInputTaken();
      const reader = openStandardInput({ stdin, logger, sizes: allSizes }, position);
      isStandardInputTaken = true;
      return reader;
    },
  };
}

function standardInputTaken(): SourceError {
  return new SourceError(
    'SOURCE_UNAVAILABLE',
    'Standard input is being read already, and what was read of it does not come again. Read a file instead.',
  );
}
