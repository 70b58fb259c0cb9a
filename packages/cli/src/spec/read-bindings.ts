import { isJsonObject, type JsonObject, nearestName } from '@aftercommit/models';
import { checkSettings } from '@aftercommit/registry';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { catalogFields, checkFieldNames, type FieldNames, isSaidOtherwise } from './catalog-fields.js';
import type { IssueCollector, SpecPath } from './issue-collector.js';
import { withQuotingHint } from './quoting-hint.js';
import { readBindingSource } from './read-binding-source.js';
import type { CollectionSpec } from './read-collections.js';
import { readFlag } from './read-shards.js';
import { warnOfUnusedFields } from './unused-fields.js';

/** A binding that is enabled, as far as it can be read. */
export type ReadBinding = {
  path: SpecPath;
  /** Undefined: it names none, which is an issue then. */
  collection: string | undefined;
  /** Undefined: it cannot be read, which is an issue then. */
  resource: JsonObject | undefined;
  resourcePath: string[];
  isDelta: boolean;
};

/** What is known when the bindings of a materialization are read. */
export type BindingsContext = {
  path: SpecPath;
  /** Undefined: no connector is installed for its endpoint. */
  kind: ConnectorKind | undefined;
  collections: ReadonlyMap<string, CollectionSpec>;
};

/** The enabled bindings of a materialization. Disabled ones are not looked at. */
export function readBindings(
  materialization: JsonObject,
  context: BindingsContext,
  issues: IssueCollector,
): ReadBinding[] {
  const bindings = materialization['bindings'];
  const path = [...context.path, 'bindings'];
  if (!Array.isArray(bindings)) {
    const problem = bindings === undefined ? 'bindings is missing' : 'bindings must be a list';
    issues.error('CONFIG_INVALID', path, `${problem}: write which collections go where, each as { source, resource }.`);
    return [];
  }
  const read = bindings.flatMap((value: unknown, index) => readBinding(value, [...path, index], context, issues) ?? []);
  checkResourcesDiffer(read, issues);
  return read;
}

function readBinding(
  value: unknown,
  path: SpecPath,
  { kind, collections }: BindingsContext,
  issues: IssueCollector,
): ReadBinding | undefined {
  if (!isJsonObject(value)) {
    issues.error('CONFIG_INVALID', path, 'A binding must be a mapping with source and resource.');
    return undefined;
  }
  const known = catalogFields.binding;
  const fields = checkFieldNames(value, { path, known, ...unknownIn(kind) }, issues);
  if (readFlag(fields, path, 'disable', issues)) return undefined;
  // Where others add fields of their own, the other word for it is no error, and so must not stand for it.
  const isNamed = kind !== undefined && fields['source'] === undefined && isSaidOtherwise(value, known, 'source');
  const source = isNamed ? undefined : readBindingSource(fields, path, kind, issues);
  if (kind === undefined) {
    const resource = fields['resource'];
    return {
      path,
      collection: source?.collection,
      resource: isJsonObject(resource) ? resource : {},
      resourcePath: [],
      isDelta: false,
    };
  }
  warnOfUnusedFields(fields, { path, names: unusedFields, kind }, issues);
  if (source !== undefined && !collections.has(source.collection)) {
    // Each looks at the names of all collections.
    const isRead = issues.errorCount < mostSuggestions;
    const suggestion = isRead ? nearestName(source.collection, [...collections.keys()]) : '';
    const message = `There is no collection "${source.collection}"${suggestion} in this file. Add it to collections, with a key and a source.`;
    issues.error('CONFIG_UNKNOWN_COLLECTION', source.path, message);
  }
  return {
    path,
    collection: source?.collection,
    ...readResource(withMisplaced(fields, value, kind), path, kind, issues),
  };
}

/** Fields of the resource that stand beside it are said to, and count as its own. */
function unknownIn(kind: ConnectorKind | undefined): Pick<FieldNames, 'openness' | 'adviceOn'> {
  if (kind === undefined) return { openness: 'open' };
  const adviceOn = (name: string): string | undefined =>
    isFieldOfResource(kind, name) ? `${name} is a field of resource: write resource: { ${name}: … }.` : undefined;
  return { openness: 'closed', adviceOn };
}

function withMisplaced({ resource = {} }: JsonObject, binding: JsonObject, kind: ConnectorKind): unknown {
  const misplaced = Object.entries(binding).filter(([name]) => isFieldOfResource(kind, name));
  if (misplaced.length === 0 || !isJsonObject(resource)) return resource;
  return { ...Object.fromEntries(misplaced), ...resource };
}

/** And none of the binding itself. */
function isFieldOfResource({ resourceSchema }: ConnectorKind, name: string): boolean {
  return Object.hasOwn(resourceSchema.properties, name) && !catalogFields.binding.some((one) => one === name);
}

/** Behind so many errors nobody reads them. */
const mostSuggestions = 100;

const unusedFields = ['fields', 'priority', 'backfill', 'onIncompatibleSchemaChange'];

function readResource(
  resource: unknown,
  bindingPath: SpecPath,
  kind: ConnectorKind,
  issues: IssueCollector,
): Pick<ReadBinding, 'resource' | 'resourcePath' | 'isDelta'> {
  const path = [...bindingPath, 'resource'];
  const { settings, issues: found } = checkSettings(kind.resourceSchema, resource ?? {}, 'resource');
  for (const issue of found) issues.addBelow(path, withQuotingHint(issue, resource));
  if (settings === undefined) return { resource: undefined, resourcePath: [], isDelta: false };
  return {
    resource: settings,
    resourcePath: kind.resourcePath(settings),
    isDelta: kind.isDelta?.(settings) ?? false,
  };
}

/** Two bindings on one resource would overwrite each other's rows. */
function checkResourcesDiffer(bindings: readonly ReadBinding[], issues: IssueCollector): void {
  const taken = new Set<string>();
  for (const { path, resourcePath } of bindings) {
    if (resourcePath.length === 0) continue;
    const name = JSON.stringify(resourcePath);
    if (taken.has(name)) {
      const message = `Another binding writes to ${resourcePath.join('.')} already. Give each a resource of its own.`;
      issues.error('CONFIG_RESOURCE_DUPLICATE', [...path, 'resource'], message);
    }
    taken.add(name);
  }
}
