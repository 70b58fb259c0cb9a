import { SourceError } from '@aftercommit/runtime-adapter';
import { inThousands } from '../terminal/readable-text.js';

/** What else to do, where what was read before is not there as it was: positions are kept by table. */
export const orAnotherTable = 'or bind the collection to another table: it is filled from the start of the sources';

/** `SOURCE_CHANGED`: what was read before is not there any more as it was. */
export function fileChanged(path: string, what: string): SourceError {
  return new SourceError('SOURCE_CHANGED', `${path} ${what}. Bring it back as it was, ${orAnotherTable}.`);
}

export function fileTruncated(path: string, size: number, readBytes: number): SourceError {
  return fileChanged(path, `was truncated: it has ${count(size)}, and ${count(readBytes)} of it were read before`);
}

export function fileReplaced(path: string, readBytes: number): SourceError {
  return fileChanged(path, `was replaced: its first ${count(readBytes)} are not those that were read before`);
}

export function fileRemoved(path: string): SourceError {
  return fileChanged(path, 'is not there any more, though it was read before');
}

/** `SOURCE_UNAVAILABLE`, with the reason of the system. */
export function fileUnreadable(path: string, cause: unknown): SourceError {
  return new SourceError(
    'SOURCE_UNAVAILABLE',
    `${path} cannot be read: ${systemReason(cause)}. See to it that it can, and run again.`,
    { cause },
  );
}

/** `EACCES: permission denied`, without the call and the path that Node adds. */
export function systemReason(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/, \w+(?: '.*')?$/s, '');
}

/** Whether a system call failed because there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function count(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${inThousands(bytes)} bytes`;
}
