import {
  type ConfigIssue,
  commonTriggerFields,
  isJsonObject,
  type JsonObject,
  jsonPointer,
  meantFields,
  triggerNameProblem,
  unknownField,
} from '@aftercommit/models';
import { egressGuard } from './egress/egress-guard.js';
import { IssueList } from './issue-list.js';
import {
  type PlacedTrigger,
  type TriggerPlaces,
  triggersBesideConfig,
  triggersIn,
  triggersInPlaceOfConfig,
} from './placed-triggers.js';
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
  const places = { triggerFields: fieldNamesOf(given.registry), issues };
  if (Array.isArray(value) && value.length > 0) {
    return checkPlaced(triggersInPlaceOfConfig(value, places), undefined, given, issues);
  }
  if (!isJsonObject(value)) {
    issues.error('CONFIG_INVALID', '', 'The triggers configuration must be an object with a field "config".');
    return [];
  }
  if (Object.hasOwn(value, 'sops')) {
    issues.error('CONFIG_SEALED', '/sops', 'This configuration is sealed. Unseal it before it is used.');
    return [];
  }
  const { fields: meant, written } = meantFields(value, fields);
  const { interval, config, ...rest } = meant;
  const beside = config === undefined ? triggersBesideConfig(rest, places) : undefined;
  for (const name of [...written.values(), ...(beside?.others ?? Object.keys(rest))]) {
    issues.error('CONFIG_UNKNOWN_FIELD', jsonPointer([name]), unknownField(name, fields));
  }
  const placeOf = (name: string): string => jsonPointer([written.get(name) ?? name]);
  const place = placeOf('interval');
  const defaultIntervalMs = readInterval({ name: 'interval', place, value: interval, trigger: undefined }, issues);
  const placed = beside?.triggers ?? placedTriggers(config, placeOf('config'), places);
  return checkPlaced(placed, defaultIntervalMs, given, issues);
}

function checkPlaced(
  placed: readonly PlacedTrigger[],
  defaultIntervalMs: number | undefined,
  given: ValidationContext,
  issues: IssueList,
): CheckedTrigger[] {
  const names = new TriggerNames(issues);
  return placed.flatMap((one) => {
    const errorsBefore = issues.errorCount;
    const configured = asObject(one, issues);
    if (configured === undefined) return [];
    const name = names.read({ ...one, name: configured['name'] });
    const { pointer } = one;
    const trigger = validateTrigger({ pointer, name, value: configured, defaultIntervalMs }, given, issues);
    return trigger === undefined ? [] : [{ trigger, isFaulty: issues.errorCount > errorsBefore }];
  });
}

function placedTriggers(config: unknown, pointer: string, places: TriggerPlaces): PlacedTrigger[] {
  if (Array.isArray(config) || isJsonObject(config)) return triggersIn(config, pointer, places);
  const message = 'config must be a list of triggers, or a map from name to trigger.';
  places.issues.error('CONFIG_INVALID', pointer, message);
  return [];
}

/** The names of the fields of every registered kind, once they are needed. */
function fieldNamesOf(registry: TriggerKindRegistry): () => ReadonlySet<string> {
  let names: ReadonlySet<string> | undefined;
  return () => {
    names ??= new Set([
      ...Object.keys(commonTriggerFields),
      ...registry.kinds.flatMap(({ configSchema }) => Object.keys(configSchema.properties)),
    ]);
    return names;
  };
}

function asObject({ pointer, key, value }: PlacedTrigger, issues: IssueList): JsonObject | undefined {
  if (isJsonObject(value)) return value;
  const name = key === undefined || triggerNameProblem(key) !== undefined ? undefined : key;
  issues.error(
    'CONFIG_INVALID',
    pointer,
    'A trigger must be an object: its fields, such as kind and payloadTemplate.',
    name,
  );
  return undefined;
}
