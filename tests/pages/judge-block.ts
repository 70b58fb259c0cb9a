import { type Block, placeOf } from './block.js';
import type { Ended } from './block-process.js';
import { differenceOf } from './shown-output.js';

/** Throws where a block did not end, or did not print, what the page says. */
export function judgeBlock(block: Block, { exitCode, output }: Ended): void {
  const problem = problemOf(block, { exitCode, output });
  if (problem !== undefined) throw new Error(`${placeOf(block)}: ${problem}\nAll that it printed:\n${output}`);
}

function problemOf(block: Block, { exitCode, output }: Ended): string | undefined {
  if (exitCode === null) return 'was killed: nothing on a page may take 100 seconds';
  if (exitCode !== block.exitCode) return `ended with exit code ${exitCode}, not ${block.exitCode}`;
  return block.shown === undefined ? undefined : differenceOf(block.shown, output);
}
