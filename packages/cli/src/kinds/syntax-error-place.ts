import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Parsing takes a moment. */
const longestCheckMs = 5_000;

/**
 * Where a module cannot be parsed, as the end of a sentence: `/home/me/my-kind.js:3`. Node keeps that from whoever imports a
 * module; parsing it once more, in a process that runs nothing of it, tells.
 */
export function syntaxErrorPlace(error: SyntaxError, url: URL): string {
  // Of CommonJS, and of a name that is not exported, the trace begins with it.
  const known = placeAtTop(error.stack ?? '');
  if (known !== undefined) return `at ${known}`;
  if (url.protocol !== 'file:') return `in ${url.href}`;
  const file = fileURLToPath(url);
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: longestCheckMs });
  const place = placeAtTop(stderr ?? '');
  return place === undefined ? `in something that ${file} imports` : `at ${place}`;
}

/** `file:///home/me/my-kind.js:3` in the first line. */
function placeAtTop(text: string): string | undefined {
  const [first = ''] = text.split('\n');
  const [, file, line] = /^(.*):(\d+)$/.exec(first) ?? [];
  if (file === undefined) return undefined;
  return `${file.startsWith('file:') ? fileURLToPath(file) : file}:${line}`;
}
