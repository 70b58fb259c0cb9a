import { closeSync, openSync, readSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { compareText, type Document, jsonPointer } from '@aftercommit/models';
import { glob } from 'tinyglobby';
import { systemReason, UsageError } from '../errors/usage-error.js';
import { type Line, LineSplitter } from '../ndjson/line-splitter.js';
import { parseLine } from '../ndjson/parse-line.js';

/** The NDJSON in a folder, and in the folders that are in it: files, and first a glob where all of them look alike. */
export async function findData(folder: string): Promise<string[]> {
  const patterns = ['*.{ndjson,jsonl}', '*/*.{ndjson,jsonl}'];
  const files = await glob(patterns, { cwd: folder, ignore: ['**/node_modules/**'] });
  files.sort((left, right) => depthOf(left) - depthOf(right) || compareText(left, right));
  const common = commonGlob(folder, files);
  return common === undefined ? files : [common, ...files];
}

function depthOf(path: string): number {
  return path.split('/').length;
}

/** Days, shards and the like: several files in one folder whose documents have the same fields. */
function commonGlob(folder: string, files: readonly string[]): string | undefined {
  const [first] = files;
  if (first === undefined || files.length < 2) return undefined;
  const place = first.slice(0, -basename(first).length);
  const glob = `${place}*${extname(first)}`;
  if (!files.every((file) => file === `${place}${basename(file)}` && extname(file) === extname(first)))
    return undefined;
  const shapes = files.map((file) => shapeOf(firstDocuments(folder, file, 1)));
  return new Set(shapes).size === 1 ? glob : undefined;
}

function shapeOf([document]: readonly Document[]): string {
  return document === undefined ? '' : Object.keys(document).sort().join('\0');
}

/** More of a file is not looked at. */
const mostBytes = 1_048_576;

/**
 * The first documents of a file, as far as its lines are documents; what is wrong with one that is not, `run` says.
 *
 * @param path Relative to the folder, or absolute.
 * @throws UsageError when the system does not let it be read.
 */
export function firstDocuments(folder: string, path: string, most: number): Document[] {
  const documents: Document[] = [];
  for (const line of firstLines(firstBytes(folder, path))) {
    if (documents.length === most) break;
    if (line.isBlank) continue;
    const parsed = parseLine(line);
    if ('problem' in parsed) break;
    documents.push(parsed.document);
  }
  return documents;
}

function* firstLines(bytes: Buffer): Generator<Line> {
  const splitter = new LineSplitter();
  splitter.push(bytes);
  const first = splitter.next() ?? splitter.unfinished();
  yield first.withoutByteOrderMark();
  // What follows the last line end may be cut off.
  for (let line = splitter.next(); line !== undefined; line = splitter.next()) yield line;
}

function firstBytes(folder: string, path: string): Buffer {
  try {
    const opened = openSync(resolve(folder, path), 'r');
    try {
      const buffer = Buffer.alloc(mostBytes);
      return buffer.subarray(0, readSync(opened, buffer));
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    const { words } = systemReason(error);
    throw new UsageError(
      `${path} cannot be read (${words}): look at its permissions, or say with --data what is read instead.`,
      { cause: error },
    );
  }
}

/**
 * The fields that could be a key, as JSON pointers, the likeliest first: those that differ in all documents before the others,
 * and what is called like a key before what is not.
 */
export function keyCandidates(documents: readonly Document[]): string[] {
  const [first] = documents;
  if (first === undefined) return [];
  const fields = Object.keys(first).filter((field) => documents.every((document) => isKeyValue(document[field])));
  const differs = (field: string): boolean =>
    new Set(documents.map((document) => document[field])).size === documents.length;
  const rank = (field: string): number => (differs(field) ? 0 : 10) + nameRank(field);
  return fields
    .map((field, index) => ({ field, index }))
    .sort((left, right) => rank(left.field) - rank(right.field) || left.index - right.index)
    .map(({ field }) => jsonPointer([field]));
}

function isKeyValue(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'bigint' || Number.isInteger(value);
}

const likelyNames = [
  /^_?id$/i,
  /^(uuid|guid|key|sku|slug)$/i,
  /(_id|Id|_uuid|_key|ID)$/,
  /^(date|day|time|timestamp|ts)$/i,
];

function nameRank(field: string): number {
  const rank = likelyNames.findIndex((pattern) => pattern.test(field));
  return rank === -1 ? likelyNames.length : rank;
}
