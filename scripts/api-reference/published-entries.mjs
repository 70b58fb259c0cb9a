import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const repository = 'https://github.com/aftercommit/aftercommit';

/** Every entry that can be imported of a published package: the name to import it by, its source, and what package it is of. */
export function publishedEntries() {
  return ['packages', 'plugins'].flatMap((parent) =>
    readdirSync(join(root, parent)).flatMap((name) => entriesOf(`${parent}/${name}`)),
  );
}

function entriesOf(folder) {
  const { name, description, exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const { 'aftercommit-source': source, default: published } = target;
    if (source === undefined || published === undefined) return [];
    const isMain = subpath === '.';
    return [
      {
        name: isMain ? name : `${name}${subpath.slice(1)}`,
        packageName: name,
        description,
        folder,
        isMain,
        source: join(root, folder, source),
      },
    ];
  });
}
