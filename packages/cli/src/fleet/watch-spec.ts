import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '@aftercommit/registry';

const lookEveryMs = 1_000;

/** What is watched, and who is told. */
export type SpecWatch = {
  /** The files that the spec consisted of when it was read last. */
  files: () => readonly string[];
  clock: Clock;
  /** Their content is another one, and has been the same for a second: nobody is writing them any more. */
  onChange: () => Promise<void>;
  stop: AbortSignal;
};

/**
 * Looks at the files of a spec every second. By content, because orchestrators replace files by changing links, and some file
 * systems tell nobody.
 */
export async function watchSpec({ files, clock, onChange, stop }: SpecWatch): Promise<void> {
  let told = await contentOf(files());
  let last = told;
  for (;;) {
    await clock.sleep(lookEveryMs, stop);
    if (stop.aborted) return;
    const content = await contentOf(files());
    if (content !== told && content === last) {
      await onChange();
      // With the files that it has now.
      told = await contentOf(files());
      last = told;
    } else {
      last = content;
    }
  }
}

/** A file that cannot be read is a content of its own: why not is said when the spec is read. */
async function contentOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file).catch((error: Error) => error.message));
  return hash.digest('base64url');
}
