import { isJsonObject, type JsonObject } from '@aftercommit/models';
import { catalogFields, checkFieldNames, optionalSection } from './catalog-fields.js';
import { catalogNameProblem } from './catalog-name.js';
import { collectionKeyProblems } from './collection-key.js';
import type { IssueCollector, SpecPath } from './issue-collector.js';
import type { Reduce } from './materialization-spec.js';
import { readSource } from './read-source.js';

/** A collection, as far as it can be read. */
export type CollectionSpec = {
  /** JSON pointers. Undefined: it has none, or none that is legal. */
  key: readonly string[] | undefined;
  reduce: Reduce;
  /** NDJSON patterns. Undefined: its documents come from elsewhere. */
  patterns: readonly string[] | undefined;
  /** Whether it has an error, which is an issue already. */
  isFaulty: boolean;
};

/** The collections of a spec by their names. */
export function readCollections(root: JsonObject, issues: IssueCollector): ReadonlyMap<string, CollectionSpec> {
  const collections = optionalSection(root, [], 'collections', issues) ?? {};
  return new Map(
    Object.entries(collections).map(([name, value]) => [name, readCollection(name, value, issues)] as const),
  );
}

/** Reports what is missing in collections that are to be read here. A name that no collection has is the binding's business. */
export function requireReadable(
  names: ReadonlySet<string>,
  collections: ReadonlyMap<string, CollectionSpec>,
  issues: IssueCollector,
): void {
  for (const name of names) {
    const collection = collections.get(name);
    // Of a faulty one, what is missing is most likely what is wrong.
    if (collection === undefined || collection.isFaulty) continue;
    if (collection.key === undefined) {
      const message = `Collection "${name}" has no key. Name the fields that identify a document: key: [/id].`;
      issues.error('CONFIG_KEY_INVALID', ['collections', name, 'key'], message);
    }
    if (collection.patterns === undefined) {
      const message = `Collection "${name}" has no source to read. Give it one: source: { ndjson: data.ndjson }.`;
      issues.error('CONFIG_SOURCE_INVALID', ['collections', name, 'source'], message);
    }
  }
}

function readCollection(name: string, value: unknown, issues: IssueCollector): CollectionSpec {
  const path = ['collections', name];
  const errorsBefore = issues.errorCount;
  const problem = catalogNameProblem(name);
  if (problem !== undefined) issues.error('CONFIG_NAME_INVALID', path, `The name of a collection ${problem}.`, 'key');
  if (!isJsonObject(value)) {
    issues.error('CONFIG_INVALID', path, 'A collection must be a mapping with fields such as key and source.');
    return { key: undefined, reduce: 'last', patterns: undefined, isFaulty: true };
  }
  const fields = checkFieldNames(value, { path, known: catalogFields.collection, openness: 'open' }, issues);
  const key = readKey(fields, path, issues);
  const reduce = readReduce(fields, path, issues);
  const patterns = readSource(fields, path, issues);
  return { key, reduce, patterns, isFaulty: issues.errorCount > errorsBefore };
}

function readKey(collection: JsonObject, path: SpecPath, issues: IssueCollector): readonly string[] | undefined {
  const key = collection['key'];
  if (key === undefined) return undefined;
  const problems = collectionKeyProblems(key);
  if (problems.length === 0) return key as string[];
  for (const problem of problems)
    issues.error('CONFIG_KEY_INVALID', [...path, 'key', ...problem.path], problem.message);
  return undefined;
}

function readReduce(collection: JsonObject, path: SpecPath, issues: IssueCollector): Reduce {
  const reduce = collection['reduce'];
  if (reduce === undefined || reduce === 'last' || reduce === 'merge') return reduce ?? 'last';
  const message =
    'reduce must be last (the last document of a key counts) or merge (each is merged into the one before).';
  issues.error('CONFIG_INVALID', [...path, 'reduce'], message);
  return 'last';
}
