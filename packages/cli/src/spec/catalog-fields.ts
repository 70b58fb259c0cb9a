import { isJsonObject, type JsonObject, meantFields, misspeltName, nameMeant, unknownField } from '@aftercommit/models';
import type { IssueCollector, SpecPath } from './issue-collector.js';

/**
 * The fields of a catalog, section by section: those that are read here, and those that other programs read. Unknown ones are
 * passed over, unless they look like a slip of one of these.
 */
export const catalogFields = {
  top: [
    ...['collections', 'materializations', 'captures', 'tests', 'import', 'storageMappings', 'resources', '$schema'],
    'plugins',
    // Of older catalogs.
    ...['npmDependencies', 'nodeDependencies'],
  ],
  collection: [
    ...['key', 'source', 'reduce', 'schema', 'writeSchema', 'readSchema', 'projections', 'journals', 'derive'],
    ...['derivation', 'expectPubId', 'delete', 'reset'],
  ],
  materialization: [
    ...['endpoint', 'bindings', 'triggers', 'transactions', 'shards', 'source', 'sourceCapture'],
    ...['onIncompatibleSchemaChange', 'expectPubId', 'delete', 'reset'],
  ],
  binding: [
    ...['source', 'resource', 'disable', 'fields', 'partitions', 'priority', 'backfill', 'onIncompatibleSchemaChange'],
  ],
  bindingSource: ['name', 'partitions', 'notBefore', 'notAfter'],
  shards: [
    ...['disable', 'minTxnDuration', 'maxTxnDuration', 'hotStandbys', 'ringBufferSize', 'readChannelSize', 'logLevel'],
  ],
  collectionSource: ['ndjson'],
  transactions: ['maxDocs', 'maxDuration', 'minDuration'],
  connector: ['image', 'config'],
  local: ['command', 'config', 'env', 'protobuf'],
  dekaf: ['variant', 'config'],
} as const satisfies Record<string, readonly string[]>;

/** `closed`: a section of ours, where every unknown field is an error; `open`: others add fields of their own. */
export type Openness = 'closed' | 'open';

/** Which fields a section may have, and what becomes of others. */
export type FieldNames = {
  path: SpecPath;
  known: readonly string[];
  openness: Openness;
  /** What to do with a field that belongs elsewhere: sentences. Undefined: it belongs nowhere. */
  adviceOn?: (name: string) => string | undefined;
};

/**
 * Reports fields that nobody reads: each unknown one of a closed section, and of an open one what looks misspelt.
 *
 * @returns The section under the names that are meant: nothing in it is missing, or unread, because of a slip.
 */
export function checkFieldNames(
  section: JsonObject,
  { path, known, openness, adviceOn = () => undefined }: FieldNames,
  issues: IssueCollector,
): JsonObject {
  const fields = readFields(section, { path, known, adviceOn }, issues);
  for (const name of Object.keys(section).filter((one) => !known.includes(one))) {
    if (openness === 'open' && misspeltName(name, known) === undefined) continue;
    const message = adviceOn(name) ?? unknownField(name, known);
    issues.error('CONFIG_UNKNOWN_FIELD', [...path, name], message, 'key');
  }
  return fields;
}

/** A section under the names that are meant. That some of them are misspelt is for `checkFieldNames` to say. */
export function readFields(
  section: JsonObject,
  { path, known, adviceOn = () => undefined }: Omit<FieldNames, 'openness'>,
  issues: IssueCollector,
): JsonObject {
  const placed = Object.entries(section).filter(([name]) => known.includes(name) || adviceOn(name) === undefined);
  const { fields, written } = meantFields(Object.fromEntries(placed), known);
  issues.readAs(path, written);
  return fields;
}

/** Whether an unknown field says in other words what a known one is for: that one is not missing then. */
export function isSaidOtherwise(section: JsonObject, known: readonly string[], wanted: string): boolean {
  return Object.keys(section).some((name) => !known.includes(name) && nameMeant(name, known) === wanted);
}

/** A section that may be absent, or empty as it is while everything in it is a comment; undefined then, and when it is no mapping. */
export function optionalSection(
  owner: JsonObject,
  path: SpecPath,
  name: string,
  issues: IssueCollector,
): JsonObject | undefined {
  const value = owner[name];
  if (value === undefined || value === null) return undefined;
  if (isJsonObject(value)) return value;
  const list = Array.isArray(value) ? ', and not a list: write its fields without dashes and brackets' : '';
  issues.error('CONFIG_INVALID', [...path, name], `${name} must be a mapping${list}.`);
  return undefined;
}
