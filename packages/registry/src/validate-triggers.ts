import {
  type ConfigIssue,
  type ConfigIssueCode,
  commonTriggerFields,
  DurationError,
  defaultTriggerKind,
  isJsonObject,
  type JsonObject,
  jsonPointer,
  parseDuration,
  triggerNameProblem,
} from '@aftercommit/models';
import { Value } from 'typebox/value';
import { nearestName } from './nearest-name.js';
import { schemaIssues } from './schema-issues.js';
import type { TriggerKind } from './trigger-kind.js';
import type { TriggerKindRegistry } from './trigger-kind-registry.js';
import { triggerSchema } from './triggers-schema.js';

/** One trigger of a configuration that was checked: durations read, defaults filled in, its own fields apart. */
export type ValidatedTrigger = {
  /** Where it stands in the configuration: a JSON pointer. */
  pointer: string;
  /** The name the configuration gives it: its `name`, or its key in a map. Undefined: none. */
  configuredName: string | undefined;
  kind: TriggerKind;
  payloadTemplate: string;
  timeoutMs: number;
  maxAttempts: number;
  /** Undefined: every commit is delivered by itself. */
  intervalMs: number | undefined;
  onFailure: 'block' | 'park';
  /** The fields of its kind, defaults filled in. */
  config: JsonObject;
};

/** The triggers that are free of errors, in order, and everything there is to say about the configuration. */
export type TriggersValidation = { triggers: ValidatedTrigger[]; issues: ConfigIssue[] };

/**
 * Checks the value of `triggers` against the registered kinds and collects every issue at once. Reads no secret value
 * beyond its type. Templates are not looked at: that is the business of whoever renders them.
 */
export function validateTriggers(value: unknown, registry: TriggerKindRegistry): TriggersValidation {
  return new Validation(registry).run(value);
}

class Validation {
  readonly #registry: TriggerKindRegistry;
  readonly #issues: ConfigIssue[] = [];
  readonly #names = new Map<string, string>();

  constructor(registry: TriggerKindRegistry) {
    this.#registry = registry;
  }

  run(value: unknown): TriggersValidation {
    const triggers = isJsonObject(value) ? this.#triggers(value) : [];
    if (!isJsonObject(value)) {
      this.#error('CONFIG_INVALID', '', 'The triggers configuration must be an object with a field "config".');
    }
    return { triggers, issues: this.#issues };
  }

  #triggers(value: JsonObject): ValidatedTrigger[] {
    if ('sops' in value) {
      this.#error('CONFIG_SEALED', '/sops', 'This configuration is sealed. Unseal it before it is used.');
      return [];
    }
    for (const field of Object.keys(value).filter((name) => name !== 'interval' && name !== 'config')) {
      this.#unknownField(jsonPointer([field]), field, ['interval', 'config']);
    }
    const interval = this.#duration(value['interval'], '/interval', undefined);
    const { config } = value;
    if (Array.isArray(config)) {
      return config.flatMap((trigger, index) => this.#trigger(trigger, ['config', index], undefined, interval) ?? []);
    }
    if (isJsonObject(config)) {
      return Object.entries(config).flatMap(([name, trigger]) => {
        return this.#trigger(trigger, ['config', name], name, interval) ?? [];
      });
    }
    const problem = config === undefined ? 'is missing: write' : 'must be';
    this.#error('CONFIG_INVALID', '/config', `config ${problem} a list of triggers, or a map from name to trigger.`);
    return [];
  }

  #trigger(
    value: unknown,
    path: Array<string | number>,
    key: string | undefined,
    defaultInterval: number | undefined,
  ): ValidatedTrigger | undefined {
    const pointer = jsonPointer(path);
    if (!isJsonObject(value)) {
      this.#error('CONFIG_INVALID', pointer, 'A trigger must be an object.', key);
      return undefined;
    }
    const before = this.#errorCount();
    const name = this.#name(value, pointer, key);
    const kind = this.#kind(value, pointer, name);
    if (kind === undefined) return undefined;
    const ownPointers = (own: string): string => `${pointer}${own}`;
    const shape = schemaIssues(triggerSchema(kind), value);
    this.#issues.push(...shape.map((issue) => ({ ...issue, ...named(name), pointer: ownPointers(issue.pointer) })));
    const timeoutMs = this.#duration(value['timeout'], `${pointer}/timeout`, name) ?? 30_000;
    if (timeoutMs === 0) {
      this.#error('CONFIG_DURATION_INVALID', `${pointer}/timeout`, 'timeout must be longer than nothing.', name);
    }
    const intervalMs = this.#duration(value['interval'], `${pointer}/interval`, name) ?? defaultInterval;
    const maxAttempts = this.#maxAttempts(value['maxAttempts'], `${pointer}/maxAttempts`, name);
    if (this.#errorCount() > before) return undefined;

    const config = ownFields(kind, value);
    for (const issue of kind.validate?.(config) ?? []) {
      const where = ownPointers(issue.pointer);
      this.#issues.push({ ...issue, code: 'CONFIG_KIND_REFUSED', ...named(name), pointer: where });
    }
    if (this.#errorCount() > before) return undefined;
    return {
      pointer,
      configuredName: name,
      kind,
      payloadTemplate: String(value['payloadTemplate']),
      timeoutMs,
      maxAttempts,
      intervalMs: intervalMs === 0 ? undefined : intervalMs,
      onFailure: value['onFailure'] === 'park' ? 'park' : 'block',
      config,
    };
  }

  #name(value: JsonObject, pointer: string, key: string | undefined): string | undefined {
    const inside = value['name'];
    const name = key ?? (typeof inside === 'string' ? inside : undefined);
    if (name === undefined) return undefined;
    const problem = triggerNameProblem(name);
    const where = key === undefined ? `${pointer}/name` : pointer;
    if (problem !== undefined) {
      this.#error('CONFIG_NAME_INVALID', where, `The name of a trigger ${problem}.`);
      return undefined;
    }
    if (key !== undefined && inside !== undefined && inside !== key) {
      const message = `This trigger is called "${key}" by its key. Remove its name, or make it the same.`;
      this.#error('CONFIG_NAME_INVALID', `${pointer}/name`, message, name);
    }
    const other = this.#names.get(name);
    if (other !== undefined) {
      const message = `Two triggers are called "${name}": here and at ${other}. Rename one of them.`;
      this.#error('CONFIG_NAME_DUPLICATE', where, message, name);
    }
    this.#names.set(name, where);
    return name;
  }

  #kind(value: JsonObject, pointer: string, name: string | undefined): TriggerKind | undefined {
    const wanted = value['kind'] === undefined ? defaultTriggerKind : value['kind'];
    const kind = typeof wanted === 'string' ? this.#registry.find(wanted) : undefined;
    if (kind !== undefined) return kind;
    const known = this.#registry.names.join(', ') || 'none';
    const message =
      typeof wanted === 'string'
        ? `There is no trigger kind "${wanted}"${nearestName(wanted, this.#registry.names)}. Registered: ${known}.`
        : `kind must be the name of a trigger kind. Registered: ${known}.`;
    this.#error('CONFIG_UNKNOWN_KIND', `${pointer}/kind`, message, name);
    return undefined;
  }

  #maxAttempts(value: unknown, pointer: string, name: string | undefined): number {
    if (value === 0) {
      const message = 'maxAttempts is 0, which means 1: there is always one attempt.';
      this.#issues.push({ severity: 'warning', code: 'CONFIG_VALUE_CORRECTED', pointer, ...named(name), message });
    }
    return typeof value === 'number' ? Math.max(1, value) : 3;
  }

  /** Milliseconds; undefined when the field is absent or no duration, which is an issue then. */
  #duration(value: unknown, pointer: string, name: string | undefined): number | undefined {
    if (value === undefined) return undefined;
    const field = pointer.slice(pointer.lastIndexOf('/') + 1);
    if (typeof value !== 'string') {
      this.#error('CONFIG_DURATION_INVALID', pointer, `${field} must be a duration in quotes, such as "30s".`, name);
      return undefined;
    }
    try {
      const milliseconds = parseDuration(value);
      if (milliseconds === 0 && field === 'interval') {
        const message = 'interval is 0, which means none: every commit is delivered by itself.';
        this.#issues.push({ severity: 'warning', code: 'CONFIG_VALUE_CORRECTED', pointer, ...named(name), message });
      }
      return milliseconds;
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
      this.#error('CONFIG_DURATION_INVALID', pointer, `${field}: ${error.message}`, name);
      return undefined;
    }
  }

  #unknownField(pointer: string, field: string, known: string[]): void {
    const message = `There is no field "${field}"${nearestName(field, known)}. Known: ${known.join(', ')}.`;
    this.#error('CONFIG_UNKNOWN_FIELD', pointer, message);
  }

  #error(code: ConfigIssueCode, pointer: string, message: string, name?: string): void {
    this.#issues.push({ severity: 'error', code, pointer, ...named(name), message });
  }

  #errorCount(): number {
    return this.#issues.filter((issue) => issue.severity === 'error').length;
  }
}

function named(name: string | undefined): { trigger?: string } {
  return name === undefined ? {} : { trigger: name };
}

/** The fields of the kind alone, with its schema's defaults. */
function ownFields(kind: TriggerKind, value: JsonObject): JsonObject {
  const own = Object.entries(value).filter(([field]) => !Object.hasOwn(commonTriggerFields, field));
  return Value.Default(kind.configSchema, structuredClone(Object.fromEntries(own))) as JsonObject;
}
