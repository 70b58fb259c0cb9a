import { stat } from 'node:fs/promises';
import { isAbsolute, normalize, resolve, sep } from 'node:path';
import { compareText } from '@aftercommit/models';
import { SourceError } from '@aftercommit/runtime-adapter';
import { glob, isDynamicPattern } from 'tinyglobby';
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
  /** In the order of the patterns, those of a glob in code point order; each file once. */
  files: MatchingFile[];
  /** Patterns that stand for nothing. */
  unmatched: Array<{ pattern: string; isGlob: boolean }>;
};

/** @throws SourceError `SOURCE_UNAVAILABLE` when what is named is no file. */
export async function matchingFiles(patterns: readonly string[], directory: string): Promise<MatchingFiles> {
  const files = new Map<string, MatchingFile>();
  const unmatched: MatchingFiles['unmatched'] = [];
  for (const pattern of patterns) {
    const matches = await filesOf(pattern, directory);
    if (matches.length === 0) unmatched.push({ pattern, isGlob: isGlob(pattern) });
    for (const match of matches) {
      const absolutePath = resolve(directory, match.path);
      if (!files.has(absolutePath)) files.set(absolutePath, match);
    }
  }
  return { files: [...files.values()], unmatched };
}

async function filesOf(pattern: string, directory: string): Promise<MatchingFile[]> {
  const path = withForwardSlashes(normalize(pattern));
  // A name counts as it stands first: files are called "a[1].ndjson" too.
  if (await isFile(path, directory)) return [{ path, pattern }];
  if (!isGlob(pattern)) return [];
  const paths = await glob(withForwardSlashes(pattern), {
    cwd: directory,
    absolute: isAbsolute(pattern),
    expandDirectories: false,
  });
  return paths.sort(compareText).map((match) => ({ path: match, pattern }));
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
