import {
  type ConfigIssue,
  isJsonObject,
  type JsonObject,
  jsonPointer,
  nearestName,
  triggerNameProblem,
} from '@aftercommit/models';
import { egressGuard } from './egress/egress-guard.js';
import { IssueList } from './issue-list.js';
import { readInterval } from './read-duration.js';
import type { Egress } from './trigger-kind.js';
import type { TriggerKindRegistry } from './trigger-kind-registry.js';
import { TriggerNames } from './trigger-names.js';
import { type ValidatedTrigger, type ValidationContext, validateTrigger } from './validate-trigger.js';

/** What a configuration consists of, and everything there is to say about it. */
export type TriggersValidation = {
  /** The triggers that are free of errors, in order. */
  triggers: ValidatedTrigger[];
  /** Triggers with an error whose own fields can be looked at further all the same, so that no issue hides another. */
  faulty: ValidatedTrigger[];
  /** Errors and warnings, each with its place. Empty: there is nothing to say. */
  issues: ConfigIssue[];
};

/** What is known of where triggers will run when they are checked. */
export type ValidateOptions = {
  /** What the operator lets triggers reach: hosts that are configured are judged by it. Default: `egressGuard()`. */
  egress?: Egress;
  /**
   * Where secrets stand that nobody has opened, as pointers: `/config/dbt/secretUrl`. What stands there in their place matches the
   * schema and is not shown to kinds. Default: none.
   */
  unknownSecrets?: ReadonlySet<string>;
};

/**
 * Checks the value of `triggers` against the registered kinds and collects every issue at once. Reads no secret value
 * beyond its type. Templates are not looked at: that is the business of whoever renders them.
 */
export function validateTriggers(
  value: unknown,
  registry: TriggerKindRegistry,
  { egress = egressGuard(), unknownSecrets = new Set() }: ValidateOptions = {},
): TriggersValidation {
  const issues = new IssueList();
  const checked = validateDocument(value, { registry, egress, unknownSecrets }, issues);
  return {
    triggers: checked.filter(({ isFaulty }) => !isFaulty).map(({ trigger }) => trigger),
    faulty: checked.filter(({ isFaulty }) => isFaulty).map(({ trigger }) => trigger),
    issues: issues.all,
  };
}

type CheckedTrigger = { trigger: ValidatedTrigger; isFaulty: boolean };

const fields = ['interval', 'config'];

function validateDocument(value: unknown, given: ValidationContext, issues: IssueList): CheckedTrigger[] {
  if (!isJsonObject(value)) {
    issues.error('CONFIG_INVALID', '', 'The triggers configuration must be an object with a field "config".');
    return [];
  }
  if (Object.hasOwn(value, 'sops')) {
    issues.error('CONFIG_SEALED', '/sops', 'This configuration is sealed. Unseal it before it is used.');
    return [];
  }
  for (const field of Object.keys(value).filter((name) => !fields.includes(name))) {
    const message = `There is no field "${field}"${nearestName(field, fields)}. Known: ${fields.join(', ')}.`;
    issues.error('CONFIG_UNKNOWN_FIELD', jsonPointer([field]), message);
  }
  const interval = { name: 'interval', pointer: '', value: value['interval'], trigger: undefined } as const;
  const defaultIntervalMs = readInterval(interval, issues);
  const names = new TriggerNames(issues);
  return placedTriggers(value, issues).flatMap((placed) => {
    const errorsBefore = issues.errorCount;
    const configured = asObject(placed, issues);
    if (configured === undefined) return [];
    const name = names.read({ ...placed, name: configured['name'] });
    const { pointer } = placed;
    const trigger = validateTrigger({ pointer, name, value: configured, defaultIntervalMs }, given, issues);
    return trigger === undefined ? [] : [{ trigger, isFaulty: issues.errorCount > errorsBefore }];
  });
}

/** A trigger and where it stands; with its key when that is in a map. */
type PlacedTrigger = { pointer: string; key: string | undefined; value: unknown };

function placedTriggers({ config, ...rest }: JsonObject, issues: IssueList): PlacedTrigger[] {
  if (Array.isArray(config)) {
    // Array.from, because a hole of an array is a missing trigger and not a trigger less.
    return Array.from(config, (value, index) => ({ pointer: jsonPointer(['config', index]), key: undefined, value }));
  }
  if (isJsonObject(config)) {
    return Object.entries(config).map(([key, value]) => ({ pointer: jsonPointer(['config', key]), key, value }));
  }
  const problem = config === undefined ? 'is missing: write' : 'must be';
  const wrap = config === undefined && looksLikeTriggers(rest) ? ' Put what is here inside of it.' : '';
  const message = `config ${problem} a list of triggers, or a map from name to trigger.${wrap}`;
  issues.error('CONFIG_INVALID', '/config', message);
  return [];
}

/** A map of triggers without the `config` around it. */
function looksLikeTriggers(fields: JsonObject): boolean {
  return Object.values(fields).some((value) => isJsonObject(value) && ('payloadTemplate' in value || 'kind' in value));
}

function asObject({ pointer, key, value }: PlacedTrigger, issues: IssueList): JsonObject | undefined {
  if (isJsonObject(value)) return value;
  const name = key === undefined || triggerNameProblem(key) !== undefined ? undefined : key;
  issues.error('CONFIG_INVALID', pointer, 'A trigger must be an object.', name);
  return undefined;
}
