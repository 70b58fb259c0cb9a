import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownPackages, root } from './own-packages.js';

/** What pnpm does without being told by a package.json. */
const ofPnpm = ['install'];

/** The scripts of this repository that somebody runs who follows this text. */
export const scriptsOf = (text: string): string[] =>
  [...text.matchAll(/\bpnpm@12 (?:run )?([\w-]+)/g)].map(([, name = '']) => name);

/** Whether there is such a script. */
export const isScript = (name: string): boolean =>
  ofPnpm.includes(name) || ownPackages('.').some(({ manifest }) => manifest.scripts?.[name] !== undefined);

/** Whether each line is a script that `.ci/run` runs. */
export function isCheckedByCi(code: string): boolean {
  const steps = [...readFileSync(join(root, '.ci/run'), 'utf8').matchAll(/^\s*(?:step \S+ )?pnpm ([\w-]+)/gm)];
  const checked = new Set(steps.map(([, name = '']) => name));
  return code
    .split('\n')
    .filter((line) => line.trim() !== '')
    .every((line) => {
      const [name, ...more] = scriptsOf(line);
      return name !== undefined && more.length === 0 && checked.has(name);
    });
}
