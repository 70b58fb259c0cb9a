import { isJsonObject, type JsonObject } from '@aftercommit/models';
import { patternsProblem } from '../ndjson/ndjson-patterns.js';
import { catalogFields, checkFieldNames } from './catalog-fields.js';
import type { IssueCollector, SpecPath } from './issue-collector.js';

/** The NDJSON patterns of a collection; undefined when it has no source, or none that can be read, which is an issue then. */
export function readSource(
  collection: JsonObject,
  collectionPath: SpecPath,
  issues: IssueCollector,
): readonly string[] | undefined {
  const source = collection['source'];
  if (source === undefined) return undefined;
  const path = [...collectionPath, 'source'];
  if (!isJsonObject(source)) {
    const example = typeof source === 'string' ? source : 'data.ndjson';
    issues.error('CONFIG_SOURCE_INVALID', path, `source must be a mapping: write { ndjson: ${example} }.`);
    return undefined;
  }
  const fields = checkFieldNames(source, { path, known: catalogFields.collectionSource, openness: 'closed' }, issues);
  return readPatterns(fields['ndjson'], [...path, 'ndjson'], issues);
}

function readPatterns(ndjson: unknown, path: SpecPath, issues: IssueCollector): readonly string[] | undefined {
  const patterns: unknown[] = Array.isArray(ndjson) ? ndjson : [ndjson];
  const texts = patterns.filter((pattern) => typeof pattern === 'string');
  const problem = texts.length < patterns.length ? `must be ${whatItIs}` : patternsProblem(texts);
  if (problem === undefined) return texts;
  issues.error(
    'CONFIG_SOURCE_INVALID',
    path,
    `source.ndjson ${ndjson === undefined ? `is missing: write ${whatItIs}` : problem}.`,
  );
  return undefined;
}

const whatItIs = 'a file, a glob such as "data/*.ndjson", a list of them, or "-" for standard input';
