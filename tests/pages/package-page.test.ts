import { describe, expect, test } from 'vitest';
import { packagePageProblems } from './package-page.js';

const manifest = { name: '@acme/hooks', description: 'Tells whoever has the key of @acme/hooks: once' };
const parts = {
  title: '# @acme/hooks',
  sentence: 'Tells whoever has\nthe `key` of @acme/hooks: once.',
  installation: '```sh\nnpm install @acme/hooks\n```',
  example: "```ts\nimport { tell } from '@acme/hooks/client';\ntell();\n```",
  promises: '## What it promises\n\n- Once.',
  limits: '## What it does not\n\n- Twice.',
};
const problemsOf = (page: Partial<typeof parts>, of: Parameters<typeof packagePageProblems>[2] = manifest): string[] =>
  packagePageProblems('README.md', Object.values({ ...parts, ...page }).join('\n\n'), of);

describe('the page of a package', () => {
  test('has nothing wrong when it has every part in order', () => {
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf({ limits: `## Fields\n\nThree.\n\n${parts.limits}` })).toEqual([]);
  });

  test('has the name of its package for a title', () => {
    expect(problemsOf({ title: '# Hooks' })).toEqual(['README.md:1: its title is not @acme/hooks']);
  });

  test('begins with the description of its package.json', () => {
    expect(problemsOf({ sentence: 'It tells.' })).toEqual([
      'README.md:1: its first sentence is not the description in package.json: "Tells whoever has the key of @acme/hooks: once"',
    ]);
  });

  test('begins with one sentence', () => {
    const description = 'Tells. Once';
    expect(problemsOf({ sentence: 'Tells. Once.' }, { ...manifest, description })).toEqual([
      'README.md:1: its first paragraph is not one sentence: "Tells. Once."',
    ]);
  });

  test('says how the package is installed, and not another one', () => {
    expect(problemsOf({ installation: '```sh\nnpm install @acme/hooks-client\n```' })).toEqual([
      'README.md:1: no block installs @acme/hooks',
    ]);
  });

  test('has an example that imports from the package', () => {
    expect(problemsOf({ example: "```ts\nimport { tell } from '@acme/other';\n```" })).toEqual([
      'README.md:1: no example uses @acme/hooks',
    ]);
  });

  test('of a command, has an example that calls it', () => {
    const command = { ...manifest, bin: { hooks: './bin/hooks.js' } };
    expect(problemsOf({ example: '```sh\nhooks tell\n```' }, command)).toEqual([]);
    expect(problemsOf({ example: '```sh\nhooksy tell\n```' }, command)).toEqual([
      'README.md:1: no example uses @acme/hooks',
    ]);
  });

  test('says what it promises, and then what it does not', () => {
    expect(problemsOf({ promises: '## What it gives' })).toEqual([
      'README.md:1: the section "What it promises" is missing',
    ]);
    expect(problemsOf({ limits: '## What it does not do' })).toEqual([
      'README.md:1: the section "What it does not" is missing',
    ]);
    expect(problemsOf({ promises: parts.limits, limits: parts.promises })).toEqual([
      'README.md:1: installation, example and the two sections are not in this order',
    ]);
    expect(problemsOf({ installation: parts.example, example: parts.installation })).toEqual([
      'README.md:1: installation, example and the two sections are not in this order',
    ]);
  });
});
