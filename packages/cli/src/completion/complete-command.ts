import type { Command } from 'commander';
import { exitCodes } from '../exit-code.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { oneLine } from '../terminal/readable-text.js';
import { completeWords } from './complete-words.js';
import { namesFor } from './spec-names.js';

/** The line that is completed, and the commands that there are. */
export type CompleteArguments = { program: Command; words: readonly string[] };

/**
 * Says what the last word of a line may become, for the scripts of shells: a line for each, its meaning behind a tab; or `:files`
 * and the endings of the files that it may be.
 */
export async function completeCommand(
  { program, words }: CompleteArguments,
  { cwd }: CommandLineIo,
  { stdout }: Outputs,
): Promise<number> {
  const completion = await completeWords(program, words, namesFor(cwd));
  if (completion.kind === 'files') stdout.line([':files', ...completion.endings].join(' '));
  else {
    for (const [word, meaning] of completion.words) stdout.line(meaning === '' ? word : `${word}\t${oneLine(meaning)}`);
  }
  return exitCodes.done;
}
