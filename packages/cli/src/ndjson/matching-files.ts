import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, normalize, relative, resolve, sep } from 'node:path';
import { compareText } from '@aftercommit/models';
import { SourceError } from '@aftercommit/runtime-adapter';
import { glob, isDynamicPattern } from 'tinyglobby';
import { CoveredFolders, type ListFolder } from './covered-folders.js';
import { fileUnreadable, isMissing } from './file-errors.js';

/** A file that a pattern stands for. */
export type MatchingFile = {
  /** Relative to the folder of the source, or absolute if its pattern is; with forward slashes. */
  path: string;
  /** The first pattern that stands for it. */
  pattern: string;
};

/** What the patterns of a source stand for at this moment. */
export type MatchingFiles = {
  /** In the order of the patterns, those of a glob in code point order; each file once, whatever links lead to it. */
  files: MatchingFile[];
  /** Paths that are tracked and lead to one of these files too: that has to be what they led to before. */
  aliases: MatchingFile[];
  /** Patterns that stand for nothing. */
  unmatched: Array<{ pattern: string; isGlob: boolean }>;
};

/** How to look for files. */
export type MatchingOptions = {
  /** Whether a file was read by this absolute path, which it is called by then. Default: none was. */
  isTracked?: (absolutePath: string) => boolean;
  /** Default: the system's. */
  listFolder?: ListFolder;
};

/**
 * A file that several paths lead to is called by the one that is tracked, else by the first.
 *
 * @throws SourceError `SOURCE_UNAVAILABLE` when what is named is no file, or a folder that a glob covers cannot be read.
 */
export async function matchingFiles(
  patterns: readonly string[],
  directory: string,
  { isTracked = () => false, listFolder }: MatchingOptions = {},
): Promise<MatchingFiles> {
  const namesOf = new Map<string, Map<string, MatchingFile>>();
  const unmatched: MatchingFiles['unmatched'] = [];
  for (const pattern of patterns) {
    const matches = await filesOf(pattern, directory, listFolder);
    if (matches.length === 0) unmatched.push({ pattern, isGlob: isGlob(pattern) });
    const realPaths = await Promise.all(matches.map(({ path }) => realPathOf(path, directory)));
    for (const [index, match] of matches.entries()) {
      const realPath = realPaths[index];
      if (realPath === undefined) continue;
      const names = namesOf.get(realPath) ?? new Map<string, MatchingFile>();
      const absolutePath = resolve(directory, match.path);
      if (!names.has(absolutePath)) names.set(absolutePath, match);
      namesOf.set(realPath, names);
    }
  }
  const named = [...namesOf.values()].map((names) => {
    const tracked = [...names].filter(([absolutePath]) => isTracked(absolutePath)).map(([, match]) => match);
    return tracked.length > 0 ? tracked : [...names.values()].slice(0, 1);
  });
  return { files: named.flatMap(([file]) => file ?? []), aliases: named.flatMap(([, ...others]) => others), unmatched };
}

async function filesOf(
  pattern: string,
  directory: string,
  listFolder: ListFolder | undefined,
): Promise<MatchingFile[]> {
  const path = withForwardSlashes(normalize(pattern));
  // A name counts as it stands first: files are called "a[1].ndjson" too.
  if (await isFile(path, directory)) return [{ path, pattern }];
  if (!isGlob(pattern)) return [];
  const folders = new CoveredFolders(listFolder);
  const paths = await glob(withForwardSlashes(pattern), {
    cwd: directory,
    absolute: isAbsolute(pattern),
    expandDirectories: false,
    fs: { readdir: folders.readdir },
  });
  const { unreadable } = folders;
  if (unreadable !== undefined) {
    const { folder, cause } = unreadable;
    throw fileUnreadable(isAbsolute(pattern) ? folder : relative(directory, folder) || 'The folder of the spec', cause);
  }
  return paths.sort(compareText).map((match) => ({ path: match, pattern }));
}

/** Undefined: it is gone by now. */
async function realPathOf(path: string, directory: string): Promise<string | undefined> {
  try {
    return await realpath(resolve(directory, path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileUnreadable(path, error);
  }
}

async function isFile(path: string, directory: string): Promise<boolean> {
  try {
    const stats = await stat(resolve(directory, path));
    if (stats.isFile()) return true;
    throw notAFile(path, stats.isDirectory());
  } catch (error) {
    if (isMissing(error) || isNoName(error)) return false;
    throw error instanceof SourceError ? error : fileUnreadable(path, error);
  }
}

function notAFile(path: string, isDirectory: boolean): SourceError {
  const problem = isDirectory
    ? `${path} is a folder. Name the files in it, as in ${path.replace(/\/$/, '')}/*.ndjson.`
    : `${path} is no regular file, so it cannot be resumed. Copy it to one, or pipe it in and write - for standard input.`;
  return new SourceError('SOURCE_UNAVAILABLE', problem);
}

/** A glob may be what no file can be called. */
function isNoName(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENAMETOOLONG' || error.code === 'EINVAL');
}

function isGlob(pattern: string): boolean {
  return isDynamicPattern(pattern) || (sep === '/' && pattern.includes('\\'));
}

function withForwardSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
