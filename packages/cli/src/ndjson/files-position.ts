import { isJsonObject, type Json } from '@aftercommit/models';
import { SourceError } from '@aftercommit/runtime-adapter';
import { orAnotherTable } from './file-errors.js';

/** How far a file was read. */
export type FileMark = {
  bytes: number;
  /** Lines that were begun. */
  lines: number;
  /** Of exactly those bytes, in hex. */
  sha256: string;
  /** The pattern it was read for. */
  pattern: string;
};

/** How far a set of files was read: what `readFilesPosition` understands. */
export function filesPosition(marks: Iterable<readonly [path: string, mark: FileMark]>): Json {
  return { files: Object.fromEntries(marks) };
}

/** @throws SourceError `SOURCE_CHANGED` when it is not the position of files. */
export function readFilesPosition(position: Json | undefined): Map<string, FileMark> {
  if (position === undefined) return new Map();
  if (isJsonObject(position) && 'stdin' in position) {
    throw new SourceError(
      'SOURCE_CHANGED',
      `What was read before came from standard input, not from files. Write - as the source again, ${orAnotherTable}.`,
    );
  }
  const files = isJsonObject(position) ? position['files'] : undefined;
  if (!isJsonObject(files)) throw damaged('it is not one of files');
  return new Map(Object.entries(files).map(([path, mark]) => [path, readMark(path, mark)]));
}

function readMark(path: string, mark: Json): FileMark {
  if (!isJsonObject(mark)) throw damaged(`at ${path}`);
  const { bytes, lines, sha256, pattern } = mark;
  if (!isCount(bytes) || !isCount(lines) || lines > bytes) throw damaged(`at the length of ${path}`);
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw damaged(`at the SHA-256 of ${path}`);
  if (typeof pattern !== 'string') throw damaged(`at the pattern of ${path}`);
  return { bytes, lines, sha256, pattern };
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

function damaged(where: string): SourceError {
  return new SourceError(
    'SOURCE_CHANGED',
    `The stored position of the files is damaged: ${where}. Restore the state, ${orAnotherTable}.`,
  );
}
