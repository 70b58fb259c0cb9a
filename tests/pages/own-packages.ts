import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What is read of a package.json. */
export type Manifest = {
  name: string;
  exports?: Record<string, string | { 'aftercommit-source'?: string }>;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
};

/** A package of this repository. */
export type OwnPackage = { folder: string; manifest: Manifest };

/** The packages of this repository in the folders that match; `.` is the whole of it. */
export const ownPackages = (pattern: string): OwnPackage[] =>
  globSync(join(pattern, 'package.json'), { cwd: root }).map((file) => ({
    folder: join(root, dirname(file)),
    manifest: JSON.parse(readFileSync(join(root, file), 'utf8')),
  }));
