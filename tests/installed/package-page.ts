import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Block } from '../pages/block.js';
import { handlingOf } from '../pages/block-handling.js';
import { wantedBy } from '../pages/installation.js';
import { readPage } from '../pages/read-page.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a page tells people to do. */
export type PackagePage = {
  /** What it has them install, by name, each with its version. */
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  /** Names of what is installed for all projects. */
  globally: string[];
  /** Files that it has them write. */
  files: { name: string; code: string }[];
  /** What it has them make in their database. */
  statements: Block[];
  /** Modules that it has them run, in order. */
  examples: Block[];
};

/** Reads README.md in a folder of this repository. */
export function readPackagePage(folder: string): PackagePage {
  const path = join(folder, 'README.md');
  const read: PackagePage = {
    dependencies: {},
    devDependencies: {},
    globally: [],
    files: [],
    statements: [],
    examples: [],
  };
  for (const block of readPage(path, readFileSync(join(root, path), 'utf8')).blocks) {
    const handling = handlingOf(block);
    if (!('is' in handling)) continue;
    if (handling.is === 'installation') readInstallation(block, read);
    else if (handling.is === 'file') read.files.push({ name: handling.file, code: block.code });
    else if (handling.is === 'sql') read.statements.push(block);
    else if (handling.is === 'module') read.examples.push(block);
  }
  return read;
}

/** Each command installs one sort. */
function readInstallation({ code }: Block, read: PackagePage): void {
  for (const command of code.split('\n')) {
    const wanted = wantedBy({ code: command });
    if (command.includes(' --global ')) read.globally.push(...wanted.map(({ name }) => name));
    else {
      const sort = / (?:--save-dev|-D) /.test(command) ? read.devDependencies : read.dependencies;
      for (const { name, version = 'latest' } of wanted) sort[name] = version;
    }
  }
}
