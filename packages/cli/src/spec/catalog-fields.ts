import { isJsonObject, type JsonObject, nearestName } from '@aftercommit/models';
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

/** Reports fields that nobody reads: each unknown one of a closed section, and of an open one what looks misspelt. */
export function checkFieldNames(
  section: JsonObject,
  { path, known, openness }: { path: SpecPath; known: readonly string[]; openness: Openness },
  issues: IssueCollector,
): void {
  for (const name of Object.keys(section).filter((one) => !known.includes(one))) {
    const suggestion = nearestName(name, known);
    if (openness === 'open' && suggestion === '') continue;
    const list = openness === 'open' ? '' : ` Known: ${known.join(', ')}.`;
    const message = `There is no field "${name}"${suggestion}.${list}`;
    issues.error('CONFIG_UNKNOWN_FIELD', [...path, name], message, 'key');
  }
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
  issues.error('CONFIG_INVALID', [...path, name], `${name} must be a mapping.`);
  return undefined;
}
