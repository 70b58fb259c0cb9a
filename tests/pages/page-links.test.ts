import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from './own-packages.js';
import { brokenLinks } from './page-links.js';

const pages = globSync(['*.md', '.changeset/*.md', '*/*.md', '{packages,plugins,examples}/*/*.md'], {
  cwd: root,
}).sort();

describe('every link of a page leads somewhere', () => {
  test('and every page is looked at', () => {
    expect(pages).toEqual(
      expect.arrayContaining(['README.md', 'docs/errors.md', 'packages/cli/README.md', 'simulation/README.md']),
    );
  });

  test.each(pages)('%s', (page) => {
    expect(brokenLinks(root, page)).toEqual([]);
  });
});

describe('of links', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'page-links-'));
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other/README.md'), '# The `first` one: a_b\n\n## Twice\n\n## Twice\n');
    writeFileSync(join(folder, 'program.ts'), '');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const brokenIn = (markdown: string): string[] => {
    writeFileSync(join(folder, 'page.md'), markdown);
    return brokenLinks(folder, 'page.md');
  };

  test('those to files, to folders, to anchors of both and to other sites are whole', () => {
    const links = ['program.ts', 'other', 'other/', 'other/README.md#the-first-one-a_b', 'other#twice-1', '#here'];
    const lines = [...links, 'https://example.com/#nothing', 'mailto:a@example.com'].map((url) => `- [one](${url})`);
    expect(brokenIn(`# Here\n\n${lines.join('\n')}\n`)).toEqual([]);
  });

  test.each(['nothing.ts', 'other/nothing.md', '#nothing', 'other#nothing', 'other#twice-2', 'program.ts#L1'])(
    '%s is broken, and said with its line',
    (url) => {
      expect(brokenIn(`# Here\n\n- [one](${url})\n`)).toEqual([`page.md:3: ${url}`]);
    },
  );

  test('images and definitions are links as well, and what stands in code is none', () => {
    expect(brokenIn('![one](one.png)\n\n[two]\n\n[two]: two.md\n\n`[three](three.md)`\n')).toEqual([
      'page.md:1: one.png',
      'page.md:5: two.md',
    ]);
  });
});
