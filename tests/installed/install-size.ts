import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an installation brought. */
export type InstallSize = { packages: number; bytes: number };

/** Counts what npm has put below a `node_modules`, without what is there for development alone, unless everything is. */
export function sizeOf(modules: string): InstallSize {
  const all = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const development = developmentFolders(modules);
  const forUse = all.filter(({ parentPath }) => !development.some((folder) => `${parentPath}/`.startsWith(folder)));
  const isForUse = forUse.some(({ name, parentPath }) => isPackage(name, parentPath));
  const size: InstallSize = { packages: 0, bytes: 0 };
  for (const { name, parentPath } of isForUse ? forUse : all) {
    size.bytes += lstatSync(join(parentPath, name)).size;
    if (isPackage(name, parentPath)) size.packages += 1;
  }
  return size;
}

/** Each with a slash at its end. */
function developmentFolders(modules: string): string[] {
  const lockfile = join(modules, '..', 'package-lock.json');
  // None is written for what is installed for all projects.
  if (!existsSync(lockfile)) return [];
  const { packages }: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } = JSON.parse(
    readFileSync(lockfile, 'utf8'),
  );
  return Object.entries(packages).flatMap(([path, { dev, devOptional }]) =>
    dev === true || devOptional === true ? [`${join(modules, '..', path)}/`] : [],
  );
}

/** Whether a file is the package.json of `…/node_modules/name` or `…/node_modules/@scope/name`. */
function isPackage(name: string, folder: string): boolean {
  return name === 'package.json' && /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*$/.test(folder);
}
