import type { Block } from './block.js';

/** A package that a page tells people to install: `better-sqlite3@12` is version 12 of it, of others it is the newest. */
export type Wanted = { name: string; version: string | undefined };

const isCommand = (word: string): boolean => ['npm', 'install', '-D', '--save-dev', '--global'].includes(word);
const commandsOf = ({ code }: Pick<Block, 'code'>): string[] =>
  code
    .split('\n')
    .map((line) => line.replace(/(?:^| )#.*/, '').trim())
    .filter((line) => line !== '');
const installs = /^npm (?:install|init)(?: |$)/;

/** Whether a block does nothing but install packages, or make a project for them. */
export const isInstallation = (block: Pick<Block, 'language' | 'code'>): boolean =>
  block.language === 'sh' && commandsOf(block).every((line) => installs.test(line));

/** Whether a block installs packages among other things. */
export const mentionsInstallation = (block: Pick<Block, 'code'>): boolean =>
  commandsOf(block).some((line) => installs.test(line));

/** The packages that an installation names. */
export const wantedBy = (block: Pick<Block, 'code'>): Wanted[] =>
  commandsOf(block)
    .filter((line) => line.startsWith('npm install'))
    .flatMap((line) => line.split(/\s+/))
    .filter((word) => !isCommand(word))
    .map((word) => {
      const [, name = word, version] = /^(.[^@]*)(?:@(.+))?$/.exec(word) ?? [];
      return { name, version };
    });
