import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import type { Mutant } from './mutants.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Puts the mistake of a mutant into the sources on their way into a bundle. The files themselves stay as they are. */
export function mutate({ mistake, changes }: Mutant): Plugin {
  const changed = new Map<string, string>();
  return {
    name: `mutant: ${mistake}`,
    setup(build) {
      for (const file of new Set(changes.map((change) => change.file))) {
        const path = join(root, file);
        build.onLoad({ filter: new RegExp(`${escaped(path)}$`) }, async () => {
          let text = await readFile(path, 'utf8');
          for (const { from, to } of changes.filter((change) => change.file === file)) {
            const found = text.split(from).length - 1;
            if (found !== 1)
              throw new Error(`The mutant "${mistake}" finds its text ${found} times in ${file}: mend it.`);
            text = text.replace(from, () => to);
          }
          changed.set(file, text);
          return { contents: text, loader: 'ts' };
        });
      }
      build.onEnd(() => {
        const missed = changes.find(({ file }) => !changed.has(file));
        if (missed !== undefined)
          throw new Error(`The mutant "${mistake}" changes ${missed.file}, which nobody loads.`);
      });
    },
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
