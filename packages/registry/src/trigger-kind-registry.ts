import { commonTriggerFields, isJsonObject, triggerSchema } from '@aftercommit/models';
import type { TObject } from 'typebox';
import { RegistryError } from './registry-error.js';
import type { TriggerKind } from './trigger-kind.js';

const kindPattern = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/**
 * The trigger kinds a program was given. Nothing is discovered by itself: what is not handed over here does not exist.
 */
export class TriggerKindRegistry {
  readonly #kinds = new Map<string, TriggerKind>();
  readonly #schemas = new Map<string, TObject>();

  /** @throws RegistryError when a kind breaks the contract or two have the same name. */
  constructor(kinds: Iterable<TriggerKind>) {
    for (const kind of kinds) this.#add(kind);
  }

  /** The names of the registered kinds, sorted. */
  get names(): string[] {
    return [...this.#kinds.keys()].sort();
  }

  /** The kinds, ordered by name. */
  get kinds(): TriggerKind[] {
    return this.names.flatMap((name) => this.#kinds.get(name) ?? []);
  }

  /** The kind of that name, or undefined. */
  find(name: string): TriggerKind | undefined {
    return this.#kinds.get(name);
  }

  /**
   * The schema of a whole trigger of a kind, made once.
   *
   * @internal
   */
  triggerSchema(kind: TriggerKind): TObject {
    const known = this.#schemas.get(kind.kind);
    if (known !== undefined) return known;
    const schema = triggerSchema(kind.kind, kind.configSchema, kind.defaultPayloadTemplate);
    this.#schemas.set(kind.kind, schema);
    return schema;
  }

  #add(kind: TriggerKind): void {
    // What the compiler promises of these, a kind written in JavaScript may not keep.
    const name: unknown = kind.kind;
    const contractVersion: unknown = kind.contractVersion;
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
    if (this.#kinds.has(name)) {
      throw new RegistryError(
        'KIND_DUPLICATE',
        `Two trigger kinds are called "${name}". Registered so far: ${this.names.join(', ')}. Leave one of them out.`,
      );
    }
    const problem = schemaProblem(kind.configSchema);
    if (problem !== undefined) throw new RegistryError('KIND_SCHEMA_INVALID', `Trigger kind "${name}" ${problem}`);
    const template: unknown = kind.defaultPayloadTemplate;
    if (template !== undefined && typeof template !== 'string') {
      throw new RegistryError(
        'KIND_TEMPLATE_INVALID',
        `Trigger kind "${name}" has a defaultPayloadTemplate that is not a text. Write the template, or leave it away.`,
      );
    }
    this.#kinds.set(name, kind);
  }
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
