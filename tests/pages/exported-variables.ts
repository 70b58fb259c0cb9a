import { existsSync, readFileSync } from 'node:fs';

/** What the shell keeps for itself. */
const ofTheShell = ['_', 'SHLVL', 'PWD', 'OLDPWD', 'EXPORTED_VARIABLES'];

/** A script of bash that leaves, when it ends, what it has exported in the file that `EXPORTED_VARIABLES` names. */
export const exporting = (script: string): string => `trap 'env -0 > "$EXPORTED_VARIABLES"' EXIT; ${script}`;

/** What such a script has left. Undefined: it was killed, or has a trap of its own. */
export function readExported(file: string): Record<string, string> | undefined {
  if (!existsSync(file)) return undefined;
  const pairs = readFileSync(file, 'utf8').split('\0').filter(Boolean).map(nameAndValue);
  return Object.fromEntries(pairs.filter(([name]) => !ofTheShell.includes(name)));
}

function nameAndValue(text: string): [name: string, value: string] {
  const end = text.indexOf('=');
  return [text.slice(0, end), text.slice(end + 1)];
}
