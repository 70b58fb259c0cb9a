import { oneLine } from '../terminal/readable-text.js';
import type { PluginProblem } from './plugin-location.js';

const mostOfMessage = 500;

/** Where our own code is: below its first line in a trace is nobody but who called it. */
const ownFolder = new URL('.', import.meta.url).href;

/** What a plugin threw while it was loaded. */
export function faultOf(error: unknown, name: string): PluginProblem {
  const place = placeIn(error);
  const thrown = error instanceof Error ? `${error.name}: ${textOf(error)}` : textOf(error);
  const at = place === undefined ? '' : ` (at ${place})`;
  const message = `The plugin ${name} threw while it was loaded: ${thrown}${at}. The fault is in the plugin.`;
  return { code: 'PLUGIN_FAILED', message };
}

/** Without the end of a sentence: what follows has one. */
export function textOf(error: unknown): string {
  const text = oneLine(error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  return text.length > mostOfMessage ? `${text.slice(0, mostOfMessage)}…` : text;
}

/** Where it was thrown: the first line of the trace that is a file's. What Node itself refuses was not thrown by any module. */
export function placeIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  const own = frames.findIndex((line) => line.includes(ownFolder));
  const theirs = own === -1 ? frames : frames.slice(0, own);
  return theirs.flatMap((frame) => placeOf(frame) ?? [])[0];
}

/** `/home/me/my-kind.js:3:7` of a line of a trace. */
function placeOf(frame: string): string | undefined {
  return /(?:[( ]|file:\/\/)(\/[^()]*:\d+:\d+|[a-z]:[^()]*:\d+:\d+)\)?$/i.exec(frame)?.[1];
}
