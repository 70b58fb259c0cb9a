import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Block } from '../pages/block.js';
import { handlingOf } from '../pages/block-handling.js';
import { readPage } from '../pages/read-page.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a package's page tells people to do. */
export type PackagePage = {
  /** Commands that install, one in each line. */
  installs: string[];
  /** Files that it has people write. */
  files: { name: string; code: string }[];
  /** Modules that it has people run, in order. */
  examples: Block[];
};

/** Reads README.md of a package. */
export function readPackagePage(folder: string): PackagePage {
  const path = join(folder, 'README.md');
  const read: PackagePage = { installs: [], files: [], examples: [] };
  for (const block of readPage(path, readFileSync(join(root, path), 'utf8')).blocks) {
    const handling = handlingOf(block);
    if (!('is' in handling)) continue;
    if (handling.is === 'installation') read.installs.push(...linesOf(block.code));
    else if (handling.is === 'file') read.files.push({ name: handling.file, code: block.code });
    else if (handling.is === 'module') read.examples.push(block);
  }
  return read;
}

function linesOf(code: string): string[] {
  const lines = code.split('\n').map((line) => line.replace(/(?:^| )#.*/, '').trim());
  return lines.filter((line) => line.startsWith('npm install'));
}
