import { type ConfigIssue, defaultTriggerKind, type JsonObject, nearestName } from '@aftercommit/models';
import { Value } from 'typebox/value';
import { filledDefaults } from './filled-defaults.js';
import type { IssueList } from './issue-list.js';
import { KindInterview } from './kind-interview.js';
import { readInterval, readTimeout } from './read-duration.js';
import { schemaIssues } from './schema-issues.js';
import type { Egress, TriggerKind } from './trigger-kind.js';
import type { TriggerKindRegistry } from './trigger-kind-registry.js';

/** One trigger of a configuration that was checked: durations read, defaults filled in, its own fields apart. */
export type ValidatedTrigger = {
  /** Where it stands in the configuration: a JSON pointer. */
  pointer: string;
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
 * The trigger, as far as it can be read: undefined when its own fields or its template cannot. Its errors are in `issues`.
 */
export function validateTrigger(
  { pointer, name, value, defaultIntervalMs }: ConfiguredTrigger,
  { registry, egress, unknownSecrets }: ValidationContext,
  issues: IssueList,
): ValidatedTrigger | undefined {
  const kind = findKind(value['kind'], pointer, name, registry, issues);
  if (kind === undefined) return undefined;
  const add = (issue: ConfigIssue): void => issues.add({ ...issue, pointer: `${pointer}${issue.pointer}` }, name);
  const found = schemaIssues(registry.triggerSchema(kind), value, fieldsReadHere);
  found.forEach(add);
  const timeoutMs = readTimeout({ name: 'timeout', pointer, value: value['timeout'], trigger: name }, issues);
  const ownIntervalMs = readInterval({ name: 'interval', pointer, value: value['interval'], trigger: name }, issues);
  const maxAttempts = readMaxAttempts(value['maxAttempts'], pointer, name, issues);
  const config = ownFields(kind, value);
  // A kind sees a configuration that matches its schema, or none.
  if (!Value.Check(kind.configSchema, config)) {
    // What its schema says across fields, against the contract: no trigger is left out in silence.
    if (found.length === 0) schemaIssues(kind.configSchema, config).forEach(add);
    return undefined;
  }
  const answers = new KindInterview(kind, config, { pointer, name, egress, unknownSecrets }, issues).run();
  const payloadTemplate = value['payloadTemplate'] ?? kind.defaultPayloadTemplate;
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
    onFailure: value['onFailure'] === 'park' ? 'park' : 'block',
    config,
    ...answers,
  };
}

function findKind(
  configured: unknown,
  pointer: string,
  trigger: string | undefined,
  registry: TriggerKindRegistry,
  issues: IssueList,
): TriggerKind | undefined {
  const wanted = configured === undefined ? defaultTriggerKind : configured;
  const kind = typeof wanted === 'string' ? registry.find(wanted) : undefined;
  if (kind !== undefined) return kind;
  const known = registry.names.join(', ') || 'none';
  const near = typeof wanted === 'string' ? nearestName(wanted, registry.names) : '';
  // Spelt right, it is of somebody who has not been asked for it.
  const otherwise = near === '' ? ' One of a plugin is given by --plugin on the command line, or to the registry.' : '';
  const message =
    typeof wanted === 'string'
      ? `There is no trigger kind "${wanted}"${near}. Registered: ${known}.${otherwise}`
      : `kind must be the name of a trigger kind. Registered: ${known}.`;
  issues.error('CONFIG_UNKNOWN_KIND', `${pointer}/kind`, message, trigger);
  return undefined;
}

function readMaxAttempts(value: unknown, pointer: string, trigger: string | undefined, issues: IssueList): number {
  if (value === 0) {
    const message = 'maxAttempts is 0, which means 1: there is always one attempt.';
    issues.warning('CONFIG_VALUE_CORRECTED', `${pointer}/maxAttempts`, message, trigger);
  }
  return typeof value === 'number' ? Math.max(1, value) : defaultMaxAttempts;
}

/** The fields that the kind declares, with its schema's defaults. Unknown ones are an issue already. */
function ownFields(kind: TriggerKind, value: JsonObject): JsonObject {
  const own = Object.entries(value).filter(([field]) => Object.hasOwn(kind.configSchema.properties, field));
  return filledDefaults(kind.configSchema, Object.fromEntries(own)) as JsonObject;
}
