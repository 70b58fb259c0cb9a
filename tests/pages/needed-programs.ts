import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { missingServer } from '../servers/debian-server.js';
import type { Block } from './block.js';

/** Programs that pages have readers call and that not every system has, each with the package of Debian that it is in. */
const packages = { 'age-keygen': 'age', curl: 'curl', jq: 'jq', psql: 'postgresql-client' };

/** Why blocks cannot be run here. Empty: they can. Throws an Error in CI, where nothing may be missing. */
export function missingPrograms(blocks: readonly Block[]): string[] {
  const commands = blocks.filter(({ language, notRun }) => language === 'sh' && notRun === undefined);
  return Object.entries(packages).flatMap(([program, debianPackage]) => {
    const isCalled = commands.some(({ code }) => new RegExp(String.raw`(?<![\w.-])${program}(?![\w.-])`).test(code));
    return isCalled ? (missingServer(onPath(program), debianPackage) ?? []) : [];
  });
}

function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}
