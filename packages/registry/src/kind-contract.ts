import { commonTriggerFields, isJsonObject } from '@aftercommit/models';
import { RegistryError } from './registry-error.js';
import type { TriggerKind } from './trigger-kind.js';

const kindPattern = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** What is given as a kind. */
type GivenKind = Readonly<Partial<Record<keyof TriggerKind, unknown>>>;

/**
 * Sees to what the compiler promises of a kind, and a kind written in JavaScript may not keep.
 *
 * @throws RegistryError `KIND_CONTRACT_UNKNOWN`, `KIND_NAME_INVALID`, `KIND_SCHEMA_INVALID`, `KIND_TEMPLATE_INVALID`,
 *   `KIND_FUNCTION_INVALID`.
 */
export function assertKeepsContract(kind: TriggerKind): void {
  const { contractVersion, kind: name, configSchema, defaultPayloadTemplate: template }: GivenKind = kind;
  if (contractVersion !== 1) {
    throw new RegistryError(
      'KIND_CONTRACT_UNKNOWN',
      `Trigger kind "${String(name)}" was written for version ${String(contractVersion)} of the contract; this registry knows version 1. Install versions of both that match.`,
    );
  }
  if (typeof name !== 'string' || !kindPattern.test(name)) {
    throw new RegistryError(
      'KIND_NAME_INVALID',
      `"${String(name)}" is no name for a trigger kind: use 1 to 32 lower-case letters, digits and inner hyphens.`,
    );
  }
  const problem = schemaProblem(configSchema);
  if (problem !== undefined) throw new RegistryError('KIND_SCHEMA_INVALID', `Trigger kind "${name}" ${problem}`);
  if (template !== undefined && typeof template !== 'string') {
    throw new RegistryError(
      'KIND_TEMPLATE_INVALID',
      `Trigger kind "${name}" has a defaultPayloadTemplate that is not a text. Write the template, or leave it away.`,
    );
  }
  const missing = functionProblem(kind);
  if (missing !== undefined) throw new RegistryError('KIND_FUNCTION_INVALID', `Trigger kind "${name}" ${missing}`);
}

/** Why the functions of a kind cannot be called, as the end of a sentence; `undefined` when they can. */
function functionProblem(kind: GivenKind): string | undefined {
  for (const name of ['describeTarget', 'open'] as const) {
    if (typeof kind[name] !== 'function') return `has no function ${name}. Write one, as the contract says.`;
  }
  for (const name of ['validate', 'templateContext'] as const) {
    if (kind[name] !== undefined && typeof kind[name] !== 'function') {
      return `has a ${name} that is no function. Write one, or leave it away.`;
    }
  }
  return undefined;
}

/** Why a schema cannot be a kind's, as the end of a sentence; `undefined` when it can. */
function schemaProblem(schema: unknown): string | undefined {
  if (!isJsonObject(schema) || !isJsonObject(schema['properties'])) {
    return 'has no object schema. Write its configSchema as Type.Object({ … }).';
  }
  const { properties, additionalProperties } = schema;
  if (additionalProperties !== undefined && additionalProperties !== false) {
    return 'allows any field. Remove additionalProperties from its configSchema: a misspelt field would pass.';
  }
  const taken = Object.keys(properties).filter((field) => Object.hasOwn(commonTriggerFields, field));
  if (taken.length > 0) return `declares ${taken.join(', ')}, which every trigger has already. Rename the field.`;
  const sealed = Object.keys(properties).find((field) => field === 'sops' || field.endsWith('_sops'));
  if (sealed !== undefined) return `declares ${sealed}, a name that marks sealed configurations. Rename the field.`;
  const unread = unreadKeyword(schema);
  if (unread !== undefined) return `uses ${unread} in its configSchema. Write the schema without it.`;
  return undefined;
}

/** I8: whoever looks for the secrets of a configuration does not look behind these, and would pass over what is there. */
const unreadKeywords = [
  '$ref',
  '$dynamicRef',
  'if',
  'then',
  'else',
  'not',
  'dependentSchemas',
  'prefixItems',
  'contains',
];

/** The first such keyword in a schema or in one below it. Names of fields are no keywords. */
function unreadKeyword(schema: unknown): string | undefined {
  if (!isJsonObject(schema)) return undefined;
  const { properties = {}, patternProperties = {}, additionalProperties, items, anyOf, oneOf, allOf } = schema;
  const below = [
    ...Object.values(properties ?? {}),
    ...Object.values(patternProperties ?? {}),
    ...[additionalProperties, items, anyOf, oneOf, allOf].flat(),
  ];
  const own = unreadKeywords.find((keyword) => Object.hasOwn(schema, keyword));
  return own ?? below.map(unreadKeyword).find((keyword) => keyword !== undefined);
}
