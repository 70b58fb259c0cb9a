import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { codesIn, declaredCodes } from './declared-codes.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

/** What the page says of each code: what is written below its heading. */
const entries = page
  .split(/^### /m)
  .slice(1)
  .map((entry) => {
    const [code = '', ...text] = entry.split('\n');
    const [when = '', remedy = ''] = text.join('\n').split(/^## /m)[0]?.split('**Do:**') ?? [];
    return { code, when: when.trim(), remedy: remedy.trim() };
  });
const declared = declaredCodes(root);

describe('the page of errors', () => {
  test('has every code that a package declares', () => {
    const codes = new Set(entries.map(({ code }) => code));
    expect([...declared].filter(([code]) => !codes.has(code))).toEqual([]);
  });

  test('has no code that nobody declares, and none twice', () => {
    const codes = entries.map(({ code }) => code);
    expect(codes.filter((code) => !declared.has(code))).toEqual([]);
    expect(codes.filter((code, index) => codes.indexOf(code) < index)).toEqual([]);
  });

  test.each(entries)('says of $code when it happens, and what to do', ({ when, remedy }) => {
    expect(when).toMatch(/\S.*\.$/s);
    expect(remedy).toMatch(/\S.*\.$/s);
  });

  test('has every code of a connection that a webhook explains, and no other', () => {
    const source = readFileSync(join(root, 'plugins/webhook/src/http/failure-reason.ts'), 'utf8');
    const explained = [...source.matchAll(/^ {2}([A-Z_]+): '/gm)].map(([, code]) => code);
    const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(explained.length).toBeGreaterThan(10);
    expect(listed).toEqual(explained);
  });
});

describe('codes that are declared', () => {
  test('are found in unions, in their parts, and in classes', () => {
    const text = `
      /** - \`NOT_THIS\`: words only. */
      export type OneCode = 'A_ONE' | ('A_TWO' | OtherCode);
      type AloneCode = 'A_THREE';
      export class Failure extends Error { readonly code = 'A_FOUR'; readonly name = 'Failure'; }
      export type Other = 'NOT_THAT'; const code = 'NOR_THIS';
    `;
    expect(codesIn('a.ts', text)).toEqual(['A_ONE', 'A_TWO', 'A_THREE', 'A_FOUR']);
  });

  test('are those of every package that has some', () => {
    expect(declared.size).toBeGreaterThan(100);
    const packages = new Set([...declared.values()].flat().map((file) => file.split('/').slice(0, 2).join('/')));
    expect([...packages].sort()).toEqual(
      expect.arrayContaining([
        'packages/cli',
        'packages/models',
        'packages/persistence',
        'packages/secrets',
        'plugins/webhook',
      ]),
    );
  });
});
