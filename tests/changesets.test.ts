import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = '@aftercommit/cli';

/** The packages that a changeset releases. */
function releasedBy(file: string): string[] {
  const [, head = ''] = readFileSync(join(root, '.changeset', file), 'utf8').split(/^---$/m);
  return [...head.matchAll(/^['"](.+)['"]: (?:major|minor|patch)$/gm)].map(([, name = '']) => name);
}

// Its packages are in its one file, and no dependencies of which a release would know.
test('a change of what the command has in it releases the command', () => {
  const manifest: { devDependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'packages', 'cli', 'package.json'), 'utf8'),
  );
  const carried = Object.keys(manifest.devDependencies).filter((name) => name.startsWith('@aftercommit/'));
  expect(carried.length).toBeGreaterThan(8);
  const files = readdirSync(join(root, '.changeset')).filter((file) => file.endsWith('.md') && file !== 'README.md');
  const forgotten = files.filter((file) => {
    const released = releasedBy(file);
    return carried.some((name) => released.includes(name)) && !released.includes(command);
  });
  expect(forgotten).toEqual([]);
});
