import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Block, placeOf } from './pages/block.js';
import { handlingOf } from './pages/block-handling.js';
import { importedPackages } from './pages/imported-packages.js';
import { type Wanted, wantedBy } from './pages/installation.js';
import { missingPrograms } from './pages/needed-programs.js';
import { notRunKinds } from './pages/not-run.js';
import { ownPackages, root } from './pages/own-packages.js';
import { neededBy, PageRun } from './pages/page-run.js';
import { readPage } from './pages/read-page.js';
import { isCheckedByCi, isScript, scriptsOf } from './pages/repository-scripts.js';
import { makeSurroundings, missingServers, type Surroundings } from './pages/surroundings.js';

const pages = globSync(['*.md', '{packages,plugins,examples}/*/*.md', 'docs/*.md'], { cwd: root })
  .filter((path) => !path.endsWith('CHANGELOG.md'))
  .sort()
  .map((path) => readPage(path, readFileSync(join(root, path), 'utf8')));
const blocks = pages.flatMap((page) => page.blocks);
const handledAs = (what: string, among: readonly Block[] = blocks): Block[] =>
  among.filter((block) => {
    const handling = handlingOf(block);
    return 'is' in handling && handling.is === what;
  });

test('every page that people read is here', () => {
  const paths = pages.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/guarantees.md']));
  for (const folder of globSync('{packages,plugins,examples}/*', { cwd: root, onlyDirectories: true })) {
    expect(paths).toContain(`${folder}README.md`);
  }
});

test('every block can be followed, or says why it is not run', () => {
  expect(pages.flatMap(({ problems }) => problems)).toEqual([]);
});

test('what is not run needs several hosts, or a service of another company, or is a step of .ci/run', () => {
  expect(Object.keys(notRunKinds)).toEqual(['fleet', 'service', 'ci']);
  for (const block of blocks) {
    if (block.notRun !== undefined)
      console.log(`not run: ${placeOf(block)}: ${block.notRun.kind}: ${block.notRun.why}`);
  }
  const ci = blocks.filter(({ notRun }) => notRun?.kind === 'ci');
  expect(ci.length).toBeGreaterThan(0);
  expect(ci.filter((block) => !isCheckedByCi(block.code)).map(placeOf)).toEqual([]);
});

test('a script of this repository that a page names is there', () => {
  const missing = pages.flatMap(({ path, mentions, blocks: all }) =>
    [...mentions, ...all].flatMap(({ line, code }) =>
      scriptsOf(code)
        .filter((name) => !isScript(name))
        .map((name) => `${placeOf({ page: path, line })}: ${name}`),
    ),
  );
  expect(missing).toEqual([]);
});

test('what a page tells people to install exists', () => {
  const manifests = ['.', '{packages,plugins,examples}/*'].flatMap(ownPackages).map(({ manifest }) => manifest);
  const known = manifests.flatMap(({ name, dependencies, devDependencies }) => [
    [name, ''] as const,
    ...Object.entries({ ...dependencies, ...devDependencies }),
  ]);
  // Where a page names a version, it is the one that we work with.
  const isKnown = ({ name, version }: Wanted): boolean =>
    known.some(
      ([one, range]) => one === name && (version === undefined || range.replace(/^[~^]/, '').startsWith(`${version}.`)),
    );
  const wanted = handledAs('installation').flatMap(wantedBy);
  expect(wanted.length).toBeGreaterThan(8);
  expect(wanted.filter((one) => !isKnown(one))).toEqual([]);
});

test('what a package page imports, it tells people to install', () => {
  const missing = pages
    .filter(({ path }) => path.split('/').length > 1)
    .flatMap(({ path, blocks: all }) => {
      const installed = new Set(
        handledAs('installation', all)
          .flatMap(wantedBy)
          .map(({ name }) => name),
      );
      return handledAs('module', all)
        .flatMap(({ code }) => importedPackages(code))
        .filter((name) => !installed.has(name))
        .map((name) => `${path} imports ${name}`);
    });
  expect(missing).toEqual([]);
});

describe('followed from top to bottom, every block does what its page says', () => {
  let surroundings: Surroundings;

  beforeAll(async () => {
    surroundings = await makeSurroundings(new Set(neededBy(blocks)));
  });

  afterAll(async () => {
    await surroundings?.stop();
  });

  describe.concurrent.each(pages.filter((page) => page.blocks.length > 0))('$path', ({ path, blocks: all }) => {
    let run: PageRun;
    let failed: Block | undefined;

    beforeAll(async () => {
      run = await PageRun.begin(path, all, surroundings);
    });

    afterAll(() => run?.end());

    for (const block of all) {
      test.sequential(`line ${block.line}`, async ({ skip }) => {
        if (failed !== undefined) skip(`line ${failed.line} failed`);
        for (const missing of neededBy(all).flatMap((name) => missingServers[name] ?? [])) skip(missing);
        for (const missing of missingPrograms(all)) skip(missing);
        try {
          await run.follow(block);
        } catch (error) {
          failed = block;
          throw error;
        }
      });
    }
  });
});
