import { checkTriggers } from '@aftercommit/delivery';
import {
  type ConfigIssue,
  isJsonObject,
  type JsonObject,
  jsonPointer,
  nameTriggers,
  type TriggersConfig,
} from '@aftercommit/models';
import { resealTriggers } from '@aftercommit/secrets';
import { parse, YAMLError } from 'yaml';
import { unknownName } from '../errors/unknown-names.js';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import type { InstalledKinds } from '../kinds/installed-kinds.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { commandOn } from '../terminal/shell-command.js';
import type { SpecArguments } from '../validate/spec-file.js';
import { EditedFiles } from './edited-files.js';
import { schemasOf } from './hold-configs.js';
import { kindsFor } from './kinds-for.js';
import { readSecret } from './read-secret.js';
import { secretsAccess } from './secrets-access.js';
import { configObject, type SpecConfig, specConfigs } from './spec-configs.js';

/** The arguments of `aftercommit set`. */
export type SetArguments = SpecArguments & {
  materialization: string;
  trigger: string;
  /** `headers.Authorization`. Undefined: the whole trigger, as YAML or JSON. */
  field?: string;
  /** Removes it instead. */
  remove: boolean;
  json: boolean;
};

/**
 * Adds, corrects or removes one trigger, or one field of one, of sealed triggers. Needs a key, and none of the other secrets. The value comes
 * from a prompt or from standard input: an argument could be seen by everybody on the machine.
 *
 * @throws UsageError when there is no such trigger, and SecretsError when it cannot be opened or sealed.
 */
export async function setCommand(given: SetArguments, io: CommandLineIo, { stdout }: Outputs): Promise<number> {
  const config = sealedTriggers(given, specConfigs(given.specPath, io.cwd));
  const what = given.field === undefined ? `trigger ${given.trigger}` : `${given.field} of ${given.trigger}`;
  const kinds = await kindsFor(given, io);
  const { keySources } = await secretsAccess('always', io, undefined).keys();
  // Whether there is a key, and a trigger and a field of this name, is known before anything is typed in.
  const options = { schemaOf: schemasOf(kinds), keySources, label: config.label };
  await resealTriggers(config.value, (triggers) => assertThere(named(triggers, kinds), given, kinds), options);
  const text = given.remove ? undefined : await readSecret(`New value of ${what}: `, io);
  const change = (triggers: TriggersConfig) => changed(named(triggers, kinds), given, text, kinds);
  const sealed = await resealTriggers(config.value, change, options);
  const files = new EditedFiles();
  files.replace(config, sealed.value);
  files.write();
  const { trigger, field = null, remove: isRemoved } = given;
  const object = { event: 'set', ...configObject(config), trigger, field, isRemoved };
  const line = `${config.label}: ${what} is ${isRemoved ? 'removed' : 'set'}, and sealed again.`;
  stdout.line(given.json ? JSON.stringify(object) : line);
  return exitCodes.done;
}

function sealedTriggers(given: SetArguments, all: readonly SpecConfig[]): SpecConfig {
  const { specPath, materialization } = given;
  const triggers = all.filter(({ place }) => place.of.part === 'triggers');
  const config = triggers.find(({ place }) => place.materialization === materialization);
  if (config === undefined) {
    const names = triggers.map(({ place }) => place.materialization);
    throw unknownName(materialization, names, { what: 'materialization', where: `with triggers in ${specPath}` });
  }
  if (config.isSealed) return config;
  throw new UsageError(
    `${config.label} is not sealed: edit ${config.file.name}, and seal it: ${commandOn('seal', given)} --age age1…`,
  );
}

/** A map from name to trigger, and what stands beside it. */
type NamedTriggers = JsonObject & { config: JsonObject };

function named(triggers: TriggersConfig, { registry, egress }: InstalledKinds): NamedTriggers {
  const names = checkTriggers(triggers, registry, { egress }).triggers.map(({ name }) => name);
  if (Array.isArray(triggers.config) && names.length < triggers.config.length) {
    throw new UsageError(
      'Some triggers of this list have errors, so that they have no names yet: see aftercommit validate.',
    );
  }
  const map = nameTriggers(triggers, names);
  if (!isJsonObject(map) || !isJsonObject(map['config'])) throw new TypeError('Triggers have no map.');
  return { ...map, config: map['config'] };
}

function assertThere(triggers: NamedTriggers, given: SetArguments, kinds: InstalledKinds): NamedTriggers {
  const { materialization, trigger, field, remove } = given;
  if (triggers.config[trigger] !== undefined || (field === undefined && !remove)) {
    if (field !== undefined && !remove) assertField(asFields(triggers.config[trigger]), field, kinds);
    return triggers;
  }
  const create = `To add it, give the whole of it: ${commandOn('set', given, materialization, trigger)} < trigger.yaml`;
  throw unknownName(trigger, Object.keys(triggers.config), { what: 'trigger' }, remove ? undefined : create);
}

/** @throws UsageError with the near name, when no trigger of this kind has such a field. */
function assertField(trigger: JsonObject, field: string, kinds: InstalledKinds): void {
  const path = pathOf(field);
  const unknown = issueAt(withValue(trigger, path, ''), path, 'CONFIG_UNKNOWN_FIELD', kinds);
  if (unknown !== undefined) throw new UsageError(unknown.message, { code: 'NAME_UNKNOWN' });
}

function changed(
  triggers: NamedTriggers,
  { trigger: name, field }: SetArguments,
  text: string | undefined,
  kinds: InstalledKinds,
): NamedTriggers {
  const { [name]: before, ...others } = triggers.config;
  if (field === undefined && text === undefined) return { ...triggers, config: others };
  const after =
    field === undefined ? wholeTrigger(text ?? '') : withField(asFields(before), pathOf(field), text, kinds);
  return { ...triggers, config: { ...triggers.config, [name]: after } };
}

function asFields(trigger: unknown): JsonObject {
  return isJsonObject(trigger) ? trigger : {};
}

/** What follows the first dot is one name: names of headers may have dots. */
function pathOf(field: string): string[] {
  const [first = '', ...rest] = field.split('.');
  return rest.length === 0 ? [first] : [first, rest.join('.')];
}

function withField(trigger: JsonObject, path: string[], text: string | undefined, kinds: InstalledKinds): JsonObject {
  if (text === undefined) return without(trigger, path);
  const asText = withValue(trigger, path, text);
  return fits(asText, path, kinds) ? asText : withValue(trigger, path, parsed(text));
}

function withValue(fields: JsonObject, [name = '', inner]: string[], value: unknown): JsonObject {
  const holder = fields[name];
  const set = inner === undefined ? value : withValue(asFields(holder), [inner], value);
  return { ...fields, [name]: set } as JsonObject;
}

function without(fields: JsonObject, [name = '', inner]: string[]): JsonObject {
  const { [name]: holder, ...others } = fields;
  return inner !== undefined && isJsonObject(holder) ? { ...others, [name]: without(holder, [inner]) } : others;
}

/** Whether a trigger can have a text there: what is given is a number only where a text is none. */
function fits(trigger: JsonObject, path: readonly string[], kinds: InstalledKinds): boolean {
  return issueAt(trigger, path, 'CONFIG_INVALID', kinds) === undefined;
}

function issueAt(
  trigger: JsonObject,
  path: readonly string[],
  code: ConfigIssue['code'],
  { registry, egress }: InstalledKinds,
): ConfigIssue | undefined {
  const place = jsonPointer(['config', 'one', ...path]);
  const { issues } = checkTriggers({ config: { one: trigger } }, registry, { egress });
  return issues.find((issue) => issue.code === code && issue.pointer === place);
}

function wholeTrigger(text: string): JsonObject {
  const trigger = parsed(text);
  if (isJsonObject(trigger)) return trigger as JsonObject;
  throw new UsageError('A trigger is a mapping with fields such as url and payloadTemplate: give it as YAML or JSON.');
}

function parsed(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof YAMLError) && !(error instanceof ReferenceError)) throw error;
    // I8: what the parser says quotes the text.
    throw new UsageError('What was given is no YAML or JSON.');
  }
}
