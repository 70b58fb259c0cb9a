import { type CompiledTrigger, checkTriggers, type DraftTrigger } from '@aftercommit/delivery';
import { isJsonObject, type JsonObject } from '@aftercommit/models';
import type { Egress, TriggerKindRegistry } from '@aftercommit/registry';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { catalogFields, checkFieldNames, readFields } from './catalog-fields.js';
import { catalogNameProblem } from './catalog-name.js';
import { ConfigReport, type HeldConfigs, isSealed } from './held-config.js';
import type { IssueCollector, SpecPath } from './issue-collector.js';
import type { MaterializationSpec } from './materialization-spec.js';
import { withQuotingHint } from './quoting-hint.js';
import { type ReadBinding, readBindings } from './read-bindings.js';
import type { CollectionSpec } from './read-collections.js';
import { type EndpointSpec, readEndpoint } from './read-endpoint.js';
import { readShards } from './read-shards.js';
import { readTransactions } from './read-transactions.js';
import type { FilePlace, TextPosition } from './spec-issue.js';
import { warnOfUnusedFields } from './unused-fields.js';

/** What can run: the kinds of triggers and the connectors that are installed. */
export type Installed = {
  registry: TriggerKindRegistry;
  connectors: readonly ConnectorKind[];
  /** What triggers may reach. Undefined: `egressGuard()`. */
  egress?: Egress;
};

/** The same, and the configurations that the spec holds in another form than their own. */
export type Reading = Installed & {
  held: HeldConfigs;
  /** False: plugins that were asked for are not loaded, and a kind that is unknown may be one of theirs. */
  areKindsComplete: boolean;
};

/** A materialization, as far as it can be read. */
export type ReadMaterialization = Pick<MaterializationSpec, 'name' | 'isDisabled' | 'transactions' | 'triggers'> & {
  endpoint: EndpointSpec;
  bindings: ReadBinding[];
  drafts: DraftTrigger[];
  /** Where a place of a trigger's template stands. Undefined: in no file, or written with escapes. */
  placeInTemplate(trigger: DraftTrigger, place: TextPosition): FilePlace | undefined;
  /** Whether it has an error, which is an issue already. */
  isFaulty: boolean;
};

/** Undefined: it is no mapping, which is an issue then. */
export function readMaterialization(
  name: string,
  value: unknown,
  collections: ReadonlyMap<string, CollectionSpec>,
  { registry, connectors, egress, held, areKindsComplete }: Reading,
  issues: IssueCollector,
): ReadMaterialization | undefined {
  const path = ['materializations', name];
  const errorsBefore = issues.errorCount;
  const problem = catalogNameProblem(name);
  if (problem !== undefined)
    issues.error('CONFIG_NAME_INVALID', path, `The name of a materialization ${problem}.`, 'key');
  if (!isJsonObject(value)) {
    issues.error('CONFIG_INVALID', path, 'A materialization must be a mapping with endpoint and bindings.');
    return undefined;
  }
  if (isDedented(name, value)) {
    const message = `"${name}" stands where the names of materializations do, and looks like a field of one. Indent it, so that it stands where it belongs.`;
    issues.error('CONFIG_UNKNOWN_FIELD', path, message, 'key');
    return undefined;
  }
  const names = {
    path,
    known: catalogFields.materialization,
    adviceOn: (field: string) => adviceOn(field, connectors),
  };
  const fields = readFields(value, names, issues);
  // Then there is nobody whose fields could be added, and what is a level too high is an error.
  const isElsewhere = fields['endpoint'] === undefined && isEndpointBeside(value, connectors);
  const endpoint = readEndpoint(fields, path, { connectors, held, isElsewhere }, issues);
  const { kind } = endpoint;
  checkFieldNames(value, { ...names, openness: kind === undefined && !isElsewhere ? 'open' : 'closed' }, issues);
  if (kind !== undefined) warnOfUnusedFields(fields, { path, names: unusedFields, kind }, issues);
  const bindings = readBindings(fields, { path, kind, collections }, issues);
  warnOfNoBindings(fields, path, bindings, issues);
  const shards = readShards(fields, path, issues);
  const transactions = readTransactions(fields, path, shards, issues);
  const triggers = readTriggers(fields, path, { bindings, kind, registry, egress, held, areKindsComplete }, issues);
  const isFaulty = issues.errorCount > errorsBefore;
  return { name, endpoint, bindings, isDisabled: shards.isDisabled, transactions, ...triggers, isFaulty };
}

const unusedFields = ['source', 'sourceCapture', 'onIncompatibleSchemaChange', 'delete', 'reset'];

/** What to do with a field that belongs a level further down. Undefined: it belongs nowhere. */
function adviceOn(name: string, connectors: readonly ConnectorKind[]): string | undefined {
  const isIn = (names: readonly string[]): boolean => names.includes(name);
  if (isIn(catalogFields.transactions))
    return `${name} is a field of transactions: write transactions: { ${name}: … }.`;
  if (isIn(connectors.map((one) => one.name))) return `${name} is an endpoint: write endpoint: { ${name}: { … } }.`;
  if (name === 'resource') return 'resource is a field of a binding. Indent it, so that it stands in one of bindings.';
  return undefined;
}

function isEndpointBeside(materialization: JsonObject, connectors: readonly ConnectorKind[]): boolean {
  return connectors.some(({ name }) => Object.hasOwn(materialization, name));
}

/** A section of a materialization that is not indented far enough. */
function isDedented(name: string, value: JsonObject): boolean {
  const isField = ['endpoint', 'bindings', 'triggers', 'transactions', 'shards'].includes(name);
  return isField && !Object.hasOwn(value, 'endpoint') && !Object.hasOwn(value, 'bindings');
}

function warnOfNoBindings(
  materialization: JsonObject,
  path: SpecPath,
  bindings: readonly ReadBinding[],
  issues: IssueCollector,
): void {
  const all = materialization['bindings'];
  // A capture adds the bindings of its own collections, elsewhere.
  const hasCapture = ['source', 'sourceCapture'].some((name) => (materialization[name] ?? null) !== null);
  if (!Array.isArray(all) || bindings.length > 0 || hasCapture) return;
  if (all.length > 0 && !all.every((one) => isJsonObject(one) && one['disable'] === true)) return;
  const problem = all.length > 0 ? 'Every binding is disabled' : 'There are no bindings';
  issues.warning('CONFIG_EMPTY', [...path, 'bindings'], `${problem}, so that nothing is written and no trigger fires.`);
}

type ReadTriggers = {
  triggers: CompiledTrigger[];
  drafts: DraftTrigger[];
  placeInTemplate: ReadMaterialization['placeInTemplate'];
};

const noTriggers: ReadTriggers = { triggers: [], drafts: [], placeInTemplate: () => undefined };

function readTriggers(
  materialization: JsonObject,
  materializationPath: SpecPath,
  {
    bindings,
    kind,
    registry,
    egress,
    held: { at: heldAt },
    areKindsComplete,
  }: {
    bindings: readonly ReadBinding[];
    kind: ConnectorKind | undefined;
    registry: TriggerKindRegistry;
    egress: Egress | undefined;
    held: HeldConfigs;
    areKindsComplete: boolean;
  },
  issues: IssueCollector,
): ReadTriggers {
  const path = [...materializationPath, 'triggers'];
  const held = heldAt(path);
  const config = held === undefined ? materialization['triggers'] : held.config;
  if (held === undefined && (config === undefined || config === null)) return noTriggers;
  // What is misspelt was not looked for when sealed ones and those of files were read.
  if (held === undefined && issues.isMisspelt(path) && (!isJsonObject(config) || isSealed(config))) return noTriggers;
  // What is not run here is valid as it is.
  const isUnread = held === undefined ? isSealed(config) : held.seal !== undefined && config === undefined;
  if (kind === undefined && isUnread) {
    const message = 'These triggers are sealed, and were not checked. Unseal them before they are used.';
    issues.warning('CONFIG_SEALED', [...path, 'sops'], message, 'key');
    return noTriggers;
  }
  const report = new ConfigReport(path, held, issues);
  const names = new Set(bindings.flatMap(({ collection }) => collection ?? []));
  const checked =
    held !== undefined && config === undefined
      ? { triggers: [], drafts: [], issues: [] }
      : checkTriggers(config, registry, {
          ...(names.size > 0 && { collectionNames: [...names] }),
          ...(held !== undefined && { unknownSecrets: held.unknownSecrets }),
          ...(egress !== undefined && { egress }),
        });
  for (const issue of checked.issues) {
    if (issue.code !== 'CONFIG_UNKNOWN_KIND' || areKindsComplete) report.add(withQuotingHint(issue, config));
  }
  report.end();
  return {
    triggers: checked.triggers,
    drafts: checked.drafts,
    placeInTemplate: ({ pointer }, place) => report.placeInTemplate(`${pointer}/payloadTemplate`, place),
  };
}
