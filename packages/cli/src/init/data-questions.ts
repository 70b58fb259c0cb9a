import { extname, posix } from 'node:path';
import { isSourceError } from '@aftercommit/runtime-adapter';
import { isDynamicPattern } from 'tinyglobby';
import { UsageError } from '../errors/usage-error.js';
import { type MatchingFiles, matchingFiles } from '../ndjson/matching-files.js';
import { patternsProblem, standardInput } from '../ndjson/ndjson-patterns.js';
import { collectionKeyProblems } from '../spec/collection-key.js';
import { findData, firstDocuments, keyCandidates } from './found-data.js';
import { type Ask, answerTo } from './question.js';
import { sampleFile, sampleKey } from './sample-data.js';

/** What is read, and what there is of it. */
export type ChosenData = {
  /** Files and globs, relative to the spec. */
  patterns: readonly string[];
  /** Whether there is nothing to read, so that the sample is to be written, too. */
  isSample: boolean;
  /** Patterns that stand for nothing yet. */
  missing: readonly string[];
  /** Files that were found, and are not read. */
  unread: readonly string[];
  /** Fields that could be the key, as JSON pointers, the likeliest first. */
  keyCandidates: readonly string[];
};

/** Documents that are looked at, to see which field tells them apart. */
const mostDocuments = 1_000;

/**
 * @param folder That of the spec.
 * @param given Of the options. Empty: they say nothing.
 */
export async function askForData(folder: string, given: readonly string[], ask: Ask): Promise<ChosenData> {
  const found = given.length > 0 ? [] : await findData(folder);
  const isNothingThere = given.length === 0 && found.length === 0;
  const patterns = given.length > 0 ? checkedPatterns(given) : [await askForPattern(found, ask)];
  const isSample = isNothingThere && patterns[0] === sampleFile;
  const { files, unmatched } = await filesOf(patterns, folder);
  const [first] = files;
  const paths = new Set([...files.map(({ path }) => path), ...patterns]);
  return {
    patterns,
    isSample,
    missing: isSample ? [] : unmatched.map(({ pattern }) => pattern),
    unread: found.filter((path) => !paths.has(path) && !isDynamicPattern(path)),
    keyCandidates:
      first === undefined ? [] : typeable(keyCandidates(firstDocuments(folder, first.path, mostDocuments))),
  };
}

function checkedPatterns(given: readonly string[]): readonly string[] {
  const problem = patternsProblem(given);
  if (problem === undefined) return given;
  throw new UsageError(`--data ${problem}.`);
}

async function askForPattern(found: readonly string[], ask: Ask): Promise<string> {
  return await ask({
    text: 'What is read?',
    about: `${found.length > 0 ? '' : 'There are no *.ndjson here, so the usual answer comes with sample data. '}A file or a glob, with one JSON document per line.`,
    option: '--data <pattern>',
    given: undefined,
    usual: found[0] ?? sampleFile,
    proposals: found,
    problem: (answer) => {
      const problem = patternsProblem([answer]);
      return problem === undefined ? undefined : `It ${problem}.`;
    },
  });
}

async function filesOf(patterns: readonly string[], folder: string): Promise<MatchingFiles> {
  if (patterns.includes(standardInput)) return { files: [], aliases: [], unmatched: [] };
  try {
    return await matchingFiles(patterns, folder);
  } catch (error) {
    if (isSourceError(error)) throw new UsageError(`--data: ${error.message}`, { cause: error });
    throw error;
  }
}

/** JSON pointers to the fields that identify a document. A field can be named without its slash. */
export async function askForKey(
  { isSample, keyCandidates: candidates }: ChosenData,
  given: readonly string[],
  ask: Ask,
): Promise<string[]> {
  const usual = isSample ? sampleKey : candidates[0];
  const answer = await answerTo(
    {
      text: 'Which fields identify a document?',
      about: 'Several are separated by commas: shop,order/id.',
      option: '--key <field>',
      given: given.length > 0 ? given.join(',') : undefined,
      usual: usual?.slice(1),
      proposals: candidates.map((pointer) => pointer.slice(1)),
      problem: (typed) => collectionKeyProblems(pointers(typed))[0]?.message,
    },
    ask,
  );
  return pointers(answer);
}

/** Not those of fields such as `a,b`, which would be understood as something else. */
function typeable(candidates: readonly string[]): string[] {
  return candidates.filter((pointer) => {
    const [first, ...more] = pointers(pointer.slice(1));
    return first === pointer && more.length === 0;
  });
}

function pointers(typed: string): string[] {
  const fields = typed.split(',').map((field) => field.trim());
  return fields.filter((field) => field !== '').map((field) => (field.startsWith('/') ? field : `/${field}`));
}

/** What a collection and a table are called: the file without its ending, or the folder of a glob. */
export function nameOf([first = '']: readonly string[]): string {
  const file = posix.basename(first, extname(first));
  const isWord = (text: string): boolean => /[\p{Letter}\p{Number}]/u.test(text) && !/[*?{[]/.test(text);
  const name = [file, posix.basename(posix.dirname(first))].find(isWord) ?? 'documents';
  return name.replaceAll(/[^\p{Letter}\p{Number}_-]+/gu, '_');
}
