import {
  compareText,
  type KindSchemas,
  nameTriggers,
  restoreTriggers,
  SchemaLocation,
  stripTriggers,
  triggerNameProblem,
} from '@aftercommit/models';
import type { TSchema } from 'typebox';
import { checkConfig } from './config-check.js';
import { type OrderedObject, toPlain } from './ordered-value.js';
import { readPlain, type Sealed, type SealOptions, written } from './seal-config.js';
import { splitDocument } from './sealed-document.js';
import { checkSealable } from './sealed-shape.js';
import { SecretsError } from './secrets-error.js';
import { checkBinding } from './trigger-binding.js';
import { triggersShape } from './unseal-triggers.js';

/** How triggers are sealed. */
export type SealTriggersOptions = SealOptions & {
  /** The schema of a kind's own fields: `(kind) => registry.find(kind)?.configSchema`. */
  schemaOf: KindSchemas;
  /** What each trigger of a list is called, in order. Undefined: by its own `name`, which each must have then. */
  names?: readonly string[];
};

/**
 * Seals the value of `triggers`: what the schemas of its kinds call secret. What comes out is a map from name to trigger, which
 * binds each secret to its trigger, with the fields of each trigger in alphabetical order. Nonsensitive fields stand in it as
 * they were, outside of the seal: each can be changed, added and removed later.
 *
 * `sops -d` opens the text after `stripTriggers` was applied to its value, and says mismatch before.
 *
 * @throws SecretsError `SECRETS_CONFIG_INVALID` when it breaks the schemas, `SECRETS_KIND_UNKNOWN`, `SECRETS_NAME_INVALID`,
 *   `SECRETS_AMBIGUOUS`, `SECRETS_ALREADY_SEALED`, `SECRETS_VALUE_UNSUPPORTED` when it
 *   has something that cannot be sealed; what the sealer throws.
 */
export async function sealTriggers(
  triggers: unknown,
  { schemaOf, sealer, names, format = 'json', label = 'The triggers configuration' }: SealTriggersOptions,
): Promise<Sealed> {
  const { named, schema } = readTriggers(triggers, { schemaOf, names, label });
  const sealed = await sealer.seal({ schema, config: sealedPart(named, schemaOf), label });
  checkSealedBinding(sealed, schemaOf, label);
  return written(restoreTriggers(sealed, named, schemaOf) as OrderedObject, format);
}

/** A configuration of triggers that can be sealed, by their names. */
export function readTriggers(
  triggers: unknown,
  { schemaOf, names, label }: { schemaOf: KindSchemas; names: readonly string[] | undefined; label: string },
): { named: OrderedObject; schema: TSchema } {
  const named = withNames(readPlain(triggers, label), names, label);
  const { schema } = triggersShape(named, schemaOf, label);
  checkConfig(schema, toPlain(named), label);
  checkSealable(SchemaLocation.of(schema), named, label);
  return { named, schema };
}

/** What could not be opened is not sealed: there are kinds whose fields in order run on into those of the next trigger. */
export function checkSealedBinding(sealed: OrderedObject, schemaOf: KindSchemas, label: string): void {
  checkBinding({ document: splitDocument(sealed).data, isWhole: false }, schemaOf, label);
}

/** What is sealed of it. Fields in order are what says where one trigger ends and the next begins. */
export function sealedPart(named: OrderedObject, schemaOf: KindSchemas): OrderedObject {
  const stripped = stripTriggers(named, schemaOf) as OrderedObject;
  const config = stripped.get('config');
  if (!(config instanceof Map)) return stripped;
  const sorted: OrderedObject = new Map(
    [...config].map(([name, trigger]) => [name, trigger instanceof Map ? sortedFields(trigger) : trigger]),
  );
  return new Map([...stripped, ['config', sorted]]);
}

function sortedFields(trigger: OrderedObject): OrderedObject {
  return new Map([...trigger].sort(([left], [right]) => compareText(left, right)));
}

function withNames(given: OrderedObject, names: readonly string[] | undefined, label: string): OrderedObject {
  const config = given.get('config');
  const list = Array.isArray(config) ? config : [];
  const own = list.map((trigger) => (trigger instanceof Map ? trigger.get('name') : undefined));
  const used = config instanceof Map ? [...config.keys()] : (names ?? own);
  for (const [index, name] of used.entries()) {
    const problem = typeof name === 'string' ? (triggerNameProblem(name) ?? taken(used, name, index)) : 'is missing';
    if (problem !== undefined) {
      throw new SecretsError('SECRETS_NAME_INVALID', `${label}: the name of trigger ${index + 1} ${problem}.`, {
        pointer: '/config',
      });
    }
  }
  if (Array.isArray(config) && used.length !== list.length) {
    throw new RangeError(`There are ${list.length} triggers and ${used.length} names.`);
  }
  return nameTriggers(given, names) as OrderedObject;
}

function taken(names: readonly unknown[], name: string, index: number): string | undefined {
  return names.indexOf(name) < index ? `"${name}" is another's` : undefined;
}
