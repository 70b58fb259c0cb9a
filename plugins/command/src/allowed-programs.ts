import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import { CommandError } from './command-error.js';
import { startFailure } from './start-failure.js';

/** The programs that the operator lets triggers run. A specification names one of them, and cannot add any. */
export class AllowedPrograms {
  readonly #programs: ReadonlySet<string>;
  /** Each ends in a slash. */
  readonly #folders: readonly string[];

  /**
   * @param allow Absolute paths. One that ends in a slash allows what is in that folder and in those below it.
   * @throws CommandError `ALLOWED_PATH_INVALID`.
   */
  constructor(allow: readonly string[]) {
    const invalid = allow.find((path) => pathProblem(path) !== undefined);
    if (invalid !== undefined) {
      const message = `"${invalid}" cannot be allowed: it ${pathProblem(invalid)}. Give the absolute path of a program, or of a folder with a slash behind it.`;
      throw new CommandError('ALLOWED_PATH_INVALID', message);
    }
    this.#programs = new Set(allow.filter((path) => !path.endsWith('/')));
    this.#folders = allow.filter((path) => path.endsWith('/'));
  }

  /** Why this program is not allowed by its path, and what to do; undefined: it is. Looks at no file. */
  refusal(program: string): string | undefined {
    if (this.#programs.has(program) || this.#folders.some((folder) => program.startsWith(folder))) return undefined;
    return `${program} is not allowed to be run. Allow it: --allow-command ${program} on the command line, commandKind({ allow: ['${program}'] }) in a program of your own.`;
  }

  /**
   * The same, when it is to be run. In an allowed folder, a link that leads out of it is refused: whoever allowed the folder
   * looked at what is in it. A program that is allowed by its own path may be a link, as those in /usr/bin are.
   */
  async refusalNow(program: string): Promise<string | undefined> {
    const refusal = this.refusal(program);
    if (refusal !== undefined || this.#programs.has(program)) return refusal;
    try {
      const file = await realpath(program);
      if (this.#programs.has(file) || (await this.#isInFolder(file))) return undefined;
      return `${program} is a link to ${file}, which is not allowed to be run. Allow that program as well, or put it into the folder itself.`;
    } catch (error) {
      return startFailure(program, error).reason;
    }
  }

  async #isInFolder(file: string): Promise<boolean> {
    // A folder may be a link as well, and one that is not there holds nothing.
    const folders = await Promise.allSettled(this.#folders.map((folder) => realpath(folder)));
    return folders.some((folder) => folder.status === 'fulfilled' && file.startsWith(withSlash(folder.value)));
  }
}

/** What is wrong with a path that must say all by itself, as the end of a sentence; undefined: nothing. */
export function pathProblem(path: string): string | undefined {
  if (path.includes('\0')) return 'has a character in it that no path can have';
  if (!path.startsWith('/')) return 'is no absolute path';
  if (posix.normalize(path) !== path) return 'has ".", ".." or "//" in it';
  return undefined;
}

function withSlash(folder: string): string {
  return folder.endsWith('/') ? folder : `${folder}/`;
}
