import { parse } from 'yaml';
import type { Block } from './block.js';
import { isInstallation, mentionsInstallation } from './installation.js';

/** What becomes of a block. */
export type Handling =
  /** It is written to the file that is named. */
  | { is: 'file'; file: string }
  /** What it installs is looked up in our package.json files. */
  | { is: 'installation' }
  | { is: 'shell' | 'module' | 'sql' }
  /** The command line validates it. */
  | { is: 'spec' | 'triggers' }
  /** It is parsed, and that is all there is to it. */
  | { is: 'json' }
  | { is: 'drawing' }
  | { is: 'not run' };

/** What becomes of a block, or why nothing can become of it. */
export function handlingOf(block: Block): Handling | { problem: string } {
  if (block.notRun !== undefined) return { is: 'not run' };
  if (block.file !== undefined) return { is: 'file', file: block.file };
  switch (block.language) {
    case 'sh':
      if (isInstallation(block)) return { is: 'installation' };
      if (mentionsInstallation(block)) return { problem: 'npm install and npm init stand in a block of their own' };
      return { is: 'shell' };
    case 'ts':
    case 'js':
      return { is: 'module' };
    case 'sql':
      return { is: 'sql' };
    case 'json':
    case 'yaml':
      return configurationIn(block);
    case '':
      if (/[│─►◄▼▲]/.test(block.code)) return { is: 'drawing' };
      return { problem: 'has no language, and is no drawing: say what it is, such as sh or text' };
    case 'text':
      return { problem: 'stands right below no block, so nothing prints it' };
    default:
      return {
        problem: `nobody runs ${block.language}: name the file that it is written to, or say why it is not run`,
      };
  }
}

/** Whether a process is started for it, which prints something and ends with an exit code. */
export function isStarted(block: Block): boolean {
  const handling = handlingOf(block);
  return 'is' in handling && ['shell', 'module', 'sql'].includes(handling.is);
}

function configurationIn({ language, code }: Block): Handling | { problem: string } {
  const fields = fieldsOf(language, code);
  if (typeof fields === 'string') return { problem: fields };
  if (fields.includes('materializations') || fields.includes('collections')) return { is: 'spec' };
  if (fields.includes('triggers') || fields.includes('config')) return { is: 'triggers' };
  if (language === 'json') return { is: 'json' };
  return { problem: 'is neither a spec nor triggers: name the file that it is written to' };
}

/** The names of what stands at the top. A text: why it cannot be parsed. */
function fieldsOf(language: string, code: string): string[] | string {
  try {
    return Object.keys(language === 'json' ? JSON.parse(code) : parse(code));
  } catch (error) {
    return `cannot be parsed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
