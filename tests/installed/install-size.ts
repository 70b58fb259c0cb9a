import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What an installation brought. */
export type InstallSize = { packages: number; bytes: number };

/** Counts what is below a `node_modules` that npm has made: one folder for each package, nested ones included. */
export function sizeOf(modules: string): InstallSize {
  const size: InstallSize = { packages: 0, bytes: 0 };
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    size.bytes += lstatSync(file).size;
    if (entry.name === 'package.json' && isPackageFolder(entry.parentPath)) size.packages += 1;
  }
  return size;
}

/** `…/node_modules/name` and `…/node_modules/@scope/name`. */
function isPackageFolder(folder: string): boolean {
  return /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*$/.test(folder);
}
