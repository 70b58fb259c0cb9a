import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemReason, UsageError } from '../errors/usage-error.js';

/**
 * Where the state of a spec's tasks is kept. Makes the folder of the default place, and has git leave it out.
 *
 * @param given `--state`, relative to `cwd`; its folder must exist. Undefined: `.aftercommit/state.db` in the spec's
 *   folder, `directory`.
 * @throws UsageError when there can be no such file.
 */
export function stateFile(given: string | undefined, { cwd, directory }: { cwd: string; directory: string }): string {
  if (given !== undefined) return givenFile(given, resolve(cwd, given));
  const folder = join(directory, '.aftercommit');
  makeFolder(folder);
  return join(folder, 'state.db');
}

function givenFile(given: string, file: string): string {
  if (given === '' || isFolder(file)) {
    throw new UsageError(`--state ${given || "''"} is no file: give a file for the state, such as --state state.db.`);
  }
  if (!isFolder(dirname(file))) {
    throw new UsageError(`--state ${given}: there is no folder ${dirname(file)}. Make it first, or name another file.`);
  }
  return file;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (cause) {
    const { words } = systemReason(cause);
    throw new UsageError(`${path} cannot be looked at (${words}): mend that, or name another file with --state.`, {
      cause,
    });
  }
}

function makeFolder(folder: string): void {
  try {
    // Undefined: it was there, and what is in it is somebody's.
    if (mkdirSync(folder, { recursive: true }) === undefined) return;
    writeFileSync(join(folder, '.gitignore'), '*\n');
  } catch (cause) {
    const { words } = systemReason(cause);
    throw new UsageError(`The folder ${folder} cannot be made (${words}): name a file elsewhere with --state.`, {
      cause,
    });
  }
}
