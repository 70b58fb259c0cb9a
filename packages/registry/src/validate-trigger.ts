import {
  type ConfigIssue,
  commonTriggerFields,
  defaultTriggerKind,
  type JsonObject,
  jsonPointer,
  meantFields,
  nearestName,
  pointerAsWritten,
} from '@aftercommit/models';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { filledDefaults } from './filled-defaults.js';
import { IssueList } from './issue-list.js';
import { KindInterview } from './kind-interview.js';
import { readInterval, readTimeout } from './read-duration.js';
import { schemaIssues } from './schema-issues.js';
import type { Egress, TriggerKind } from './trigger-kind.js';
import type { TriggerKindRegistry } from './trigger-kind-registry.js';

/** One trigger of a configuration that was checked: durations read, defaults filled in, its own fields apart. */
export type ValidatedTrigger = {
  /** Where it stands in the configuration: a JSON pointer. */
  pointer: string;
  /** Where its template stands, of one that has an error: a JSON pointer. Undefined: under its right name. */
  templatePointer?: string;
  /** The name the configuration gives it: its `name`, or its key in a map. Undefined: none. */
  configuredName: string | undefined;
  /** The kind that it is configured with, from the registry. */
  kind: TriggerKind;
  /** Its own, or the default one of its kind. */
  payloadTemplate: string;
  /** How long one attempt may take. Of a trigger without `timeout`: 30,000. */
  timeoutMs: number;
  /** How often a delivery is attempted in a round, at least 1. Of a trigger without `maxAttempts`: 3. */
  maxAttempts: number;
  /** Undefined: every commit is delivered by itself. */
  intervalMs: number | undefined;
  /** What becomes of a delivery that failed for good: `block` ends the session, `park` sets it aside and goes on. */
  onFailure: 'block' | 'park';
  /** The fields of its kind, defaults filled in. */
  config: JsonObject;
  /** Where it delivers to, for people: scheme and host. */
  target: string;
  /** The same as it is told of the configuration sealed: what the trigger may be named after. */
  sealedTarget: string;
  /** What its template sees beside the window's variables. */
  templateContext: JsonObject;
};

/** A trigger as it was configured. */
export type ConfiguredTrigger = {
  pointer: string;
  name: string | undefined;
  value: JsonObject;
  /** The interval of triggers that do not set one, in milliseconds. */
  defaultIntervalMs: number | undefined;
};

/** What a trigger is checked against. */
export type ValidationContext = {
  registry: TriggerKindRegistry;
  egress: Egress;
  unknownSecrets: ReadonlySet<string>;
};

/** What the schema leaves to those who read these fields: they say more of what is wrong, and say it once. */
const fieldsReadHere = ['name', 'timeout', 'interval'];

const defaultTimeoutMs = 30_000;
const defaultMaxAttempts = 3;

/**
 * The trigger, as far as it can be read: undefined when its own fields or its template cannot. Its errors are in `issues`. What is
 * misspelt is said to be so, and read as what is meant.
 */
export function validateTrigger(
  configured: ConfiguredTrigger,
  context: ValidationContext,
  issues: IssueList,
): ValidatedTrigger | undefined {
  const { pointer, name, value } = configured;
  const found = new IssueList();
  const wanted = meantFields(value, ['kind']);
  const kind = findKind(wanted.fields['kind'], configured, context.registry, found);
  const known = kind === undefined ? ['kind'] : Object.keys(context.registry.triggerSchema(kind).properties);
  const { fields, written } = meantFields(value, known);
  const place = (field: string): string => `${pointer}${jsonPointer([written.get(field) ?? field])}`;
  const read = { ...configured, fields, place };
  const trigger = kind === undefined ? undefined : validateFields(kind, read, context, found);
  if (kind === undefined) checkCommonFields(read, found);
  for (const issue of found.all) {
    const inTrigger = pointerAsWritten(issue.pointer.slice(pointer.length), written);
    issues.add({ ...issue, pointer: `${pointer}${inTrigger}` }, name);
  }
  return trigger;
}

/** A trigger under the names that are meant, and where each of its fields is written. */
type ReadTrigger = ConfiguredTrigger & { fields: JsonObject; place: (field: string) => string };

function validateFields(
  kind: TriggerKind,
  { pointer, name, value, fields, place, defaultIntervalMs }: ReadTrigger,
  { registry, egress, unknownSecrets }: ValidationContext,
  issues: IssueList,
): ValidatedTrigger | undefined {
  const add = (issue: ConfigIssue): void => issues.add({ ...issue, pointer: `${pointer}${issue.pointer}` }, name);
  const found = schemaIssues(registry.triggerSchema(kind), value, fieldsReadHere);
  found.forEach(add);
  const { timeoutMs, ownIntervalMs, maxAttempts } = readCommonFields({ name, fields, place }, issues);
  const config = ownFields(kind, fields);
  // A kind sees a configuration that matches its schema, or none.
  if (!Value.Check(kind.configSchema, config)) {
    // What its schema says across fields, against the contract: no trigger is left out in silence.
    if (found.length === 0) schemaIssues(kind.configSchema, config).forEach(add);
    return undefined;
  }
  const answers = new KindInterview(kind, config, { pointer, name, egress, unknownSecrets }, issues).run();
  const payloadTemplate = fields['payloadTemplate'] ?? kind.defaultPayloadTemplate;
  if (typeof payloadTemplate !== 'string') return undefined;
  return {
    pointer,
    configuredName: name,
    kind,
    payloadTemplate,
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    maxAttempts,
    // 0 turns the default off for this trigger.
    intervalMs: (ownIntervalMs ?? defaultIntervalMs) || undefined,
    onFailure: fields['onFailure'] === 'park' ? 'park' : 'block',
    config,
    ...answers,
    ...(!Object.hasOwn(value, 'payloadTemplate') && { templatePointer: place('payloadTemplate') }),
  };
}

/** Of a trigger whose kind is unknown: what every kind has. Which other fields it has, and which it needs, nobody knows. */
function checkCommonFields({ pointer, name, fields, place }: ReadTrigger, issues: IssueList): void {
  const { kind: _said, ...common } = commonTriggerFields;
  for (const issue of schemaIssues(Type.Partial(Type.Object(common)), fields, fieldsReadHere)) {
    issues.add({ ...issue, pointer: `${pointer}${issue.pointer}` }, name);
  }
  readCommonFields({ name, fields, place }, issues);
}

function readCommonFields(
  { name: trigger, fields, place }: Pick<ReadTrigger, 'name' | 'fields' | 'place'>,
  issues: IssueList,
): { timeoutMs: number | undefined; ownIntervalMs: number | undefined; maxAttempts: number } {
  const of = (name: 'timeout' | 'interval') => ({ place: place(name), value: fields[name], trigger });
  return {
    timeoutMs: readTimeout({ name: 'timeout', ...of('timeout') }, issues),
    ownIntervalMs: readInterval({ name: 'interval', ...of('interval') }, issues),
    maxAttempts: readMaxAttempts(fields['maxAttempts'], place('maxAttempts'), trigger, issues),
  };
}

function findKind(
  configured: unknown,
  { pointer, name: trigger }: ConfiguredTrigger,
  registry: TriggerKindRegistry,
  issues: IssueList,
): TriggerKind | undefined {
  const wanted = configured === undefined ? defaultTriggerKind : configured;
  const kind = typeof wanted === 'string' ? registry.find(wanted) : undefined;
  if (kind !== undefined) return kind;
  const registered = registry.names.join(', ') || 'none';
  const near = typeof wanted === 'string' ? nearestName(wanted, registry.names) : '';
  // Spelt right, it is of somebody who has not been asked for it.
  const otherwise = near === '' ? ' One of a plugin is given by --plugin on the command line, or to the registry.' : '';
  const message =
    typeof wanted === 'string'
      ? `There is no trigger kind "${wanted}"${near}. Registered: ${registered}.${otherwise}`
      : `kind must be the name of a trigger kind. Registered: ${registered}.`;
  issues.error('CONFIG_UNKNOWN_KIND', `${pointer}/kind`, message, trigger);
  return undefined;
}

function readMaxAttempts(value: unknown, place: string, trigger: string | undefined, issues: IssueList): number {
  if (value === 0) {
    const message = 'maxAttempts is 0, which means 1: there is always one attempt.';
    issues.warning('CONFIG_VALUE_CORRECTED', place, message, trigger);
  }
  return typeof value === 'number' ? Math.max(1, value) : defaultMaxAttempts;
}

/** The fields that the kind declares, with its schema's defaults. Unknown ones are an issue already. */
function ownFields(kind: TriggerKind, value: JsonObject): JsonObject {
  const own = Object.entries(value).filter(([field]) => Object.hasOwn(kind.configSchema.properties, field));
  return filledDefaults(kind.configSchema, Object.fromEntries(own)) as JsonObject;
}
