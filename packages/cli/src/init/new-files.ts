import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { systemReason, UsageError } from '../errors/usage-error.js';

/** A file that is written where there is none. */
export type NewFile = {
  /** As it is named to people. */
  name: string;
  path: string;
  text: string;
  /** Whether others on the machine may not read it. */
  isPrivate: boolean;
};

/**
 * Writes files, and never over others. When one cannot be written, those before it are removed again: who corrects what was in the
 * way finds everything as it was.
 *
 * @throws UsageError when one is there already, or cannot be written.
 */
export function writeNewFiles(files: readonly NewFile[]): void {
  const made: string[] = [];
  for (const { name, path, text, isPrivate } of files) {
    try {
      const opened = openSync(path, 'wx', isPrivate ? 0o600 : 0o666);
      made.push(path);
      try {
        writeFileSync(opened, text);
      } finally {
        closeSync(opened);
      }
    } catch (error) {
      for (const one of made) rmSync(one);
      throw notWritten(name, error);
    }
  }
}

function notWritten(name: string, cause: unknown): UsageError {
  const { code, words } = systemReason(cause);
  if (code === 'EEXIST') return new UsageError(alreadyThere(name), { cause });
  const advice = adviceOn[code] ?? 'look at its folder, and whether there is room';
  return new UsageError(`${name} cannot be written (${words}): ${advice}. Nothing was written.`, { cause });
}

const adviceOn: Readonly<Record<string, string>> = {
  ENOENT: 'make its folder first',
  EACCES: 'look at the permissions of its folder',
  EPERM: 'look at the permissions of its folder',
};

/** @throws UsageError when there is something. */
export function requireAbsent(name: string, path: string): void {
  if (existsSync(path)) throw new UsageError(alreadyThere(name));
}

function alreadyThere(name: string): string {
  return `${name} is there already, and is not written over. Give another name, such as aftercommit init other.yaml, or remove it.`;
}
