import { type Dirent, readdir as readdirOfNode } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compareText } from '@aftercommit/models';
import { isMissing } from './file-errors.js';

/** Lists a folder; `readdir` of the system, but for tests. */
export type ListFolder = (folder: string) => Promise<Dirent[]>;

/** An entry of a folder as the walk of a glob looks at it. A link is what it leads to. */
type Entry = Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>;

type Listed = (error: null, entries: Entry[]) => void;

/**
 * The folders that one glob covers, as its walk asks for them. The library that walks passes over what it cannot read, and
 * goes in circles for a while; here what cannot be read is remembered, and links back to a folder further up are left out.
 */
export class CoveredFolders {
  readonly #listFolder: ListFolder;
  readonly #unreadable = new Map<string, unknown>();
  /** The real paths of each folder and of those that the walk came through. */
  readonly #ways = new Map<string, readonly string[]>();

  constructor(listFolder: ListFolder = (folder) => readdir(folder, { withFileTypes: true })) {
    this.#listFolder = listFolder;
  }

  /** In the place of Node's `readdir`, with a callback. */
  readonly readdir = new Proxy(readdirOfNode, {
    apply: (_readdir, _this, [folder, _options, listed]: [string, unknown, Listed]): void => {
      void this.#entriesOf(folder).then((entries) => listed(null, entries));
    },
  });

  /** The first folder that is there and cannot be read. */
  get unreadable(): { folder: string; cause: unknown } | undefined {
    const [first] = [...this.#unreadable].sort(([left], [right]) => compareText(left, right));
    return first && { folder: first[0], cause: first[1] };
  }

  async #entriesOf(folderWithSlash: string): Promise<Entry[]> {
    const folder = folderWithSlash.replace(/(?<=.)\/$/, '');
    try {
      const real = await realpath(folder);
      const wayHere = this.#ways.get(dirname(folder)) ?? [];
      // A circle: what is in it has a shorter path.
      if (wayHere.includes(real)) return [];
      this.#ways.set(folder, [...wayHere, real]);
      const entries = await this.#listFolder(folder);
      return await Promise.all(
        entries.map(async (entry) => (entry.isSymbolicLink() ? await followed(entry, folder) : entry)),
      );
    } catch (error) {
      if (!isMissing(error)) this.#unreadable.set(folder, error);
      return [];
    }
  }
}

/** What cannot be looked at counts as a file: if the glob stands for it, reading it says why. */
async function followed({ name }: Dirent, folder: string): Promise<Entry> {
  const kind = await stat(join(folder, name)).then(
    (stats) => ({ isFile: stats.isFile(), isDirectory: stats.isDirectory() }),
    (error: unknown) => ({ isFile: !isMissing(error), isDirectory: false }),
  );
  return { name, isFile: () => kind.isFile, isDirectory: () => kind.isDirectory, isSymbolicLink: () => false };
}
