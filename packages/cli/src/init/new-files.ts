import { existsSync, writeFileSync } from 'node:fs';
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
 * Writes a file, and never over another.
 *
 * @throws UsageError when it is there already, or cannot be written.
 */
export function writeNewFile({ name, path, text, isPrivate }: NewFile): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: isPrivate ? 0o600 : 0o666 });
  } catch (error) {
    const { code, words } = systemReason(error);
    if (code === 'EEXIST') throw new UsageError(alreadyThere(name), { cause: error });
    const advice = code === 'ENOENT' ? 'make its folder first' : 'look at the permissions of its folder';
    throw new UsageError(`${name} cannot be written (${words}): ${advice}.`, { cause: error });
  }
}

/** @throws UsageError when there is something. */
export function requireAbsent(name: string, path: string): void {
  if (existsSync(path)) throw new UsageError(alreadyThere(name));
}

function alreadyThere(name: string): string {
  return `${name} is there already, and is not written over. Give another name, such as aftercommit init other.yaml, or remove it.`;
}
