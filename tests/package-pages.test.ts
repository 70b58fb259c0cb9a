import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ownPackages, root } from './pages/own-packages.js';
import { packagePageProblems } from './pages/package-page.js';

const packages = ownPackages('{packages,plugins}/*');

test('every package is looked at', () => {
  expect(packages.length).toBeGreaterThanOrEqual(18);
});

describe('the page of a package has the shape of all of them', () => {
  test.each(packages)('$manifest.name', ({ folder, manifest }) => {
    const page = join(folder, 'README.md');
    expect(packagePageProblems(relative(root, page), readFileSync(page, 'utf8'), manifest)).toEqual([]);
  });
});
