import type { JsonObject } from '@aftercommit/models';
import { optionalSection } from './catalog-fields.js';
import type { DraftMaterialization } from './draft-materialization.js';
import { noneHeld } from './held-config.js';
import type { IssueCollector } from './issue-collector.js';
import type { BindingSpec, MaterializationSpec } from './materialization-spec.js';
import { checkTopFields } from './misplaced-fields.js';
import { type ParsedSpec, parseSpec } from './parse-spec.js';
import type { ReadBinding } from './read-bindings.js';
import { type CollectionSpec, readCollections, requireReadable } from './read-collections.js';
import type { EndpointSpec } from './read-endpoint.js';
import { type Installed, type Reading, type ReadMaterialization, readMaterialization } from './read-materialization.js';
import { readPlugins } from './read-plugins.js';
import { checkSharedResources } from './shared-resources.js';
import type { SpecIssue } from './spec-issue.js';
import { checkStandardInput } from './standard-input.js';

/** What a spec says, and everything there is to say about it. */
export type ReadSpec = {
  /** The materializations that are free of errors, in the order of the spec; the disabled ones too. */
  tasks: MaterializationSpec[];
  /** In the order of the file. With an error among them nothing of the spec should be run. */
  issues: SpecIssue[];
};

/** The same, and what can be looked at of materializations in which something is wrong. Keeps the nodes of the file. */
export type ReadDrafts = ReadSpec & { drafts: DraftMaterialization[] };

/**
 * Reads and checks a spec that holds every configuration as it is: none is sealed, or in a file of its own. Plugins that it
 * lists are refused.
 *
 * @param file What the spec is called in messages.
 * @param installed What can run here. Materializations for other endpoints are checked too, and have no `endpoint`.
 */
export function readSpec(text: string, file: string, installed: Installed): ReadSpec {
  const parsed = parseSpec(text, file);
  const areKindsComplete = readPlugins(parsed, { areAllowed: false, failures: [] }).length === 0;
  return checkSpec(parsed, file, { ...installed, held: noneHeld, areKindsComplete });
}

/**
 * Checks a spec: a catalog in YAML or JSON. Collects every issue at once, each with its place in the text; looks at
 * no other file, and at no plugin. Sections that other programs read are passed over; what is read here is checked to the letter.
 */
export function checkSpec(parsed: ParsedSpec, file: string, reading: Reading): ReadSpec {
  const { tasks, issues } = checkDrafts(parsed, file, reading);
  return { tasks, issues };
}

/** As `checkSpec`, and keeps what can be looked at where something is wrong. */
export function checkDrafts({ root, issues }: ParsedSpec, file: string, reading: Reading): ReadDrafts {
  if (root === undefined) return { tasks: [], drafts: [], issues: issues.inOrder() };
  const { read, collections } = readRoot(root, file, reading, issues);
  const tasks = read.flatMap((materialization) => specOf(materialization, collections) ?? []);
  return { tasks, drafts: read.map(draftOf), issues: issues.inOrder() };
}

type ReadRoot = { read: ReadMaterialization[]; collections: ReadonlyMap<string, CollectionSpec> };

function readRoot(written: JsonObject, file: string, reading: Reading, issues: IssueCollector): ReadRoot {
  const root = checkTopFields(written, issues);
  const collections = readCollections(root, issues);
  const section = optionalSection(root, [], 'materializations', issues) ?? {};
  const read = Object.entries(section).flatMap(
    ([name, value]) => readMaterialization(name, value, collections, reading, issues) ?? [],
  );
  requireReadable(collectionsToRead(read), collections, issues);
  checkStandardInput(read, collections, issues);
  checkSharedResources(read, issues);
  if (Object.keys(section).length === 0 && issues.errorCount === 0) {
    const imports = root['import'] === undefined ? '' : ' What it imports is not read.';
    issues.warning('CONFIG_EMPTY', [], `${file} has no materializations, so that there is nothing to run.${imports}`);
  }
  return { read, collections };
}

function draftOf({ name, endpoint, bindings, drafts, placeInTemplate }: ReadMaterialization): DraftMaterialization {
  return {
    name,
    connectorImage: endpoint.connectorImage,
    bindings: bindings.flatMap(({ collection, resourcePath }) =>
      collection === undefined ? [] : [{ collection, resourcePath }],
    ),
    triggers: drafts,
    placeInTemplate,
  };
}

/** The collections that installed connectors are to read. */
function collectionsToRead(materializations: readonly ReadMaterialization[]): Set<string> {
  const installed = materializations.filter(({ endpoint }) => endpoint.kind !== undefined);
  return new Set(installed.flatMap(({ bindings }) => bindings.flatMap(({ collection }) => collection ?? [])));
}

/** Undefined: something in it, or in a collection that it reads, is wrong. */
function specOf(
  { endpoint, bindings: read, isFaulty, name, isDisabled, transactions, triggers }: ReadMaterialization,
  collections: ReadonlyMap<string, CollectionSpec>,
): MaterializationSpec | undefined {
  const bindings = read.flatMap((binding) => bindingOf(binding, endpoint, collections) ?? []);
  if (isFaulty || bindings.length < read.length) return undefined;
  const sources = new Map<string, readonly string[]>();
  for (const { collection } of bindings) {
    const patterns = collections.get(collection)?.patterns;
    if (patterns !== undefined) sources.set(collection, patterns);
  }
  const { kind, config, connectorImage } = endpoint;
  const connector = kind === undefined || config === undefined ? undefined : { kind, config };
  return { name, isDisabled, transactions, triggers, connectorImage, endpoint: connector, bindings, sources };
}

function bindingOf(
  { collection, resource, resourcePath, isDelta }: ReadBinding,
  { kind }: EndpointSpec,
  collections: ReadonlyMap<string, CollectionSpec>,
): BindingSpec | undefined {
  if (collection === undefined || resource === undefined) return undefined;
  const spec = collections.get(collection);
  if (kind !== undefined && (spec?.key === undefined || spec.patterns === undefined)) return undefined;
  return { collection, key: spec?.key ?? [], reduce: spec?.reduce ?? 'last', resource, resourcePath, isDelta };
}
