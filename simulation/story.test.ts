import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { bundleProgram } from '../tests/bundle-program.js';
import { Story } from './story.js';

const seeds = [1, 2, 3, 7, 11, 42, 99, 1_234];

describe('a story', () => {
  test('is the same each time it is told, line by line', async () => {
    for (const seed of seeds) expect(await told(seed)).toEqual(await told(seed));
  });

  test('is the same in another process', async () => {
    const program = await bundleProgram('simulation/tell-story.ts', 'tell-story');
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...seeds.map(String)], {
      maxBuffer: 64 * 1024 * 1024,
    });

    const here: string[] = [];
    for (const seed of seeds) here.push(...(await told(seed)));
    expect(stdout.trimEnd().split('\n')).toEqual(here);
  });

  test('is another one with another seed', async () => {
    const stories = await Promise.all(Array.from({ length: 50 }, async (_, seed) => (await told(seed + 1)).join('\n')));

    expect(new Set(stories).size).toBe(50);
  });
});

/** Everything that happens in it, and how often each kind of thing did. */
async function told(seed: number): Promise<string[]> {
  const lines: string[] = [];
  const counts = await new Story(seed, (line) => lines.push(...line.split('\n'))).tell();
  return [...lines, JSON.stringify(counts)];
}
