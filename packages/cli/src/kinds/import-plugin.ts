import { writeSync } from 'node:fs';
import type { Clock } from '@aftercommit/registry';
import { faultOf, placeIn, textOf } from './plugin-fault.js';
import type { PluginProblem } from './plugin-location.js';
import { syntaxErrorPlace } from './syntax-error-place.js';

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** A module that waits for something at its top may wait for ever. */
const longestImportMs = 10_000;

/**
 * Runs the module. Nothing can end one that does not end: it is left alone, and whatever it holds goes with the process.
 *
 * @param name What it is called in messages.
 */
export async function importPlugin(
  url: URL,
  name: string,
  clock: Clock,
): Promise<{ exports: ModuleExports } | PluginProblem> {
  const over = new AbortController();
  const ended = (): void => sayThatItEnded(name);
  process.once('exit', ended);
  try {
    // Not while sources are bundled or transformed: what it names is known only when it is run.
    const imported: Promise<ModuleExports> = import(/* @vite-ignore */ url.href);
    const waited = clock.sleep(longestImportMs, over.signal);
    const exports = await Promise.race([imported, waited, thrownAside(over.signal)]);
    return exports === undefined ? endless(name) : { exports };
  } catch (error) {
    return problemOf(error, url, name);
  } finally {
    process.off('exit', ended);
    over.abort();
  }
}

/** Rejects with what is thrown where nobody waits for it, in a timer or a promise of the module's own. Until the signal aborts. */
function thrownAside(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.once('uncaughtException', reject);
    signal.addEventListener('abort', () => process.off('uncaughtException', reject), { once: true });
  });
}

/** A program with a command line of its own, given as a plugin, ends ours, and with 0 as if all had been delivered. */
function sayThatItEnded(name: string): void {
  // Nothing but this is said before the process is gone.
  writeSync(
    2,
    `PLUGIN_FAILED: The plugin ${name} ended the process while it was loaded. Give a module that only exports.\n`,
  );
  process.exitCode = 2;
}

function endless(name: string): PluginProblem {
  const waited = `${longestImportMs / 1_000} seconds`;
  const message = `The plugin ${name} was still loading after ${waited}: it awaits something at its top that does not come. What takes time belongs into the open of its kind.`;
  return { code: 'PLUGIN_TIMEOUT', message };
}

function problemOf(error: unknown, url: URL, name: string): PluginProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (typeScriptCodes.includes(code) && (/\.[cm]?tsx?$/.test(url.pathname) || !code.includes('EXTENSION'))) {
    const message = `The plugin ${name} is written in TypeScript, which this Node (${process.version}) cannot load: compile it, such as with npx tsc, and give the .js file.`;
    return { code: 'PLUGIN_TYPESCRIPT', message };
  }
  if (error instanceof SyntaxError && placeIn(error) === undefined) {
    const where = syntaxErrorPlace(error, url);
    const message = `The plugin ${name} cannot be parsed: ${textOf(error)}, ${where}.`;
    return { code: 'PLUGIN_SYNTAX', message };
  }
  if (resolutionCodes.includes(code)) {
    const message = `The plugin ${name} imports something that is not there: ${textOf(error)}. Install what it needs.`;
    return { code: 'PLUGIN_FAILED', message };
  }
  return faultOf(error, name);
}

const typeScriptCodes = [
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
];

const resolutionCodes = [
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'ERR_UNSUPPORTED_DIR_IMPORT',
];
