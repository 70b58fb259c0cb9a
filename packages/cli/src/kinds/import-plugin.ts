import { writeSync } from 'node:fs';
import type { Clock } from '@aftercommit/registry';
import { oneLine } from '../readable-text.js';
import type { PluginProblem } from './plugin-location.js';
import { syntaxErrorPlace } from './syntax-error-place.js';

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** A module that waits for something at its top may wait for ever. */
const longestImportMs = 10_000;
const mostOfMessage = 500;

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
  const timer = new AbortController();
  const ended = (): void => sayThatItEnded(name);
  process.once('exit', ended);
  try {
    // Not while sources are bundled or transformed: what it names is known only when it is run.
    const imported: Promise<ModuleExports> = import(/* @vite-ignore */ url.href);
    const exports = await Promise.race([imported, clock.sleep(longestImportMs, timer.signal)]);
    return exports === undefined ? endless(name) : { exports };
  } catch (error) {
    return problemOf(error, url, name);
  } finally {
    process.off('exit', ended);
    timer.abort();
  }
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
  const place = placeIn(error);
  if (typeScriptCodes.includes(code) && (/\.[cm]?tsx?$/.test(url.pathname) || !code.includes('EXTENSION'))) {
    const message = `The plugin ${name} is written in TypeScript, which this Node (${process.version}) cannot load: compile it, such as with npx tsc, and give the .js file.`;
    return { code: 'PLUGIN_TYPESCRIPT', message };
  }
  if (error instanceof SyntaxError && place === undefined) {
    const where = syntaxErrorPlace(error, url);
    const message = `The plugin ${name} cannot be parsed: ${textOf(error)}, ${where}.`;
    return { code: 'PLUGIN_SYNTAX', message };
  }
  if (resolutionCodes.includes(code)) {
    const message = `The plugin ${name} imports something that is not there: ${textOf(error)}. Install what it needs.`;
    return { code: 'PLUGIN_FAILED', message };
  }
  const thrown = error instanceof Error ? `${error.name}: ${textOf(error)}` : textOf(error);
  const at = place === undefined ? '' : ` (at ${place})`;
  const message = `The plugin ${name} threw while it was loaded: ${thrown}${at}. The fault is in the plugin.`;
  return { code: 'PLUGIN_FAILED', message };
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

/** Without the end of a sentence: what follows has one. */
function textOf(error: unknown): string {
  const text = oneLine(error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  return text.length > mostOfMessage ? `${text.slice(0, mostOfMessage)}…` : text;
}

/** Where it was thrown: the first line of the trace that is a file's. What Node itself refuses was not thrown by any module. */
function placeIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line) && !line.includes(import.meta.url));
  return frames.flatMap((frame) => placeOf(frame) ?? [])[0];
}

/** `/home/me/my-kind.js:3:7` of a line of a trace. */
function placeOf(frame: string): string | undefined {
  return /(?:[( ]|file:\/\/)(\/[^()]*:\d+:\d+|[a-z]:[^()]*:\d+:\d+)\)?$/i.exec(frame)?.[1];
}
