import type { TSchema } from 'typebox';
import { isJsonObject } from './json.js';

/**
 * What a schema says of the fields of a configuration beyond their type:
 *
 * - `secret: true`: the value is sealed, and never shown in a log, an error or a page;
 * - `nonsensitive: true`: the field may be changed, added and removed without sealing again.
 *
 * Every other field is protected: readable by all, changeable only with the key. The annotation of a field that was
 * released never changes.
 */
export type FieldAnnotations = { secret?: true; nonsensitive?: true };

/** The schema with the annotations on it: `annotated(Type.String(), { secret: true })`. */
export function annotated<Schema extends TSchema>(schema: Schema, annotations: FieldAnnotations): Schema {
  // What makes a field optional is a property that a spread would leave behind.
  return Object.defineProperties({} as Schema, {
    ...Object.getOwnPropertyDescriptors(schema),
    ...Object.getOwnPropertyDescriptors(annotations),
  });
}

/** Every text under a `secret: true` location of the value, each once, in document order. */
export function secretValues(schema: TSchema, value: unknown): string[] {
  const found = new Set<string>();
  collectSecrets(withAlternatives(schema), value, false, found);
  return [...found];
}

/**
 * The value as anybody may see it and nobody may change without the key: the fields that are neither secret nor
 * nonsensitive. A secret location keeps its name and becomes `null`: names are protected, values are secret.
 */
export function protectedFields(schema: TSchema, value: unknown): unknown {
  return hideSecrets(withAlternatives(schema), value, (inside) => !isNonsensitive(inside));
}

/** The value with every secret location `null`: what may be hashed, stored and shown. */
export function withoutSecrets(schema: TSchema, value: unknown): unknown {
  return hideSecrets(withAlternatives(schema), value, () => true);
}

function collectSecrets(schemas: TSchema[], value: unknown, inherited: boolean, found: Set<string>): void {
  const secret = inherited || isSecret(schemas);
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) collectSecrets(childSchemas(schemas, key), inner, secret, found);
  } else if (secret && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')) {
    // What is empty shows nothing, and would be found between any two letters.
    if (value !== '') found.add(String(value));
  }
}

function hideSecrets(schemas: TSchema[], value: unknown, keep: (schemas: TSchema[]) => boolean): unknown {
  if (isSecret(schemas)) return null;
  if (Array.isArray(value)) {
    return value.map((inner: unknown, index) => hideSecrets(childSchemas(schemas, String(index)), inner, keep));
  }
  if (!isJsonObject(value)) return value;
  const kept: Array<[string, unknown]> = [];
  for (const [key, inner] of Object.entries(value)) {
    const inside = childSchemas(schemas, key);
    if (keep(inside)) kept.push([key, hideSecrets(inside, inner, keep)]);
  }
  return Object.fromEntries(kept);
}

/** Secret as soon as one schema that may describe the location says so: of two readings, the one that hides wins. */
function isSecret(schemas: TSchema[]): boolean {
  return schemas.some((schema) => isAnnotated(schema, 'secret'));
}

/** What somebody may change without the key: so no reading of the location may say secret. */
function isNonsensitive(schemas: TSchema[]): boolean {
  return !isSecret(schemas) && schemas.some((schema) => isAnnotated(schema, 'nonsensitive'));
}

function isAnnotated(schema: FieldAnnotations, annotation: keyof FieldAnnotations): boolean {
  return schema[annotation] === true;
}

/** All schemas that may describe what is under `key`, through unions, records, arrays, tuples and closed objects. */
function childSchemas(schemas: TSchema[], key: string): TSchema[] {
  return schemas.flatMap((schema: SchemaParts) => {
    const named = own(schema.properties, key);
    const patterns = Object.entries(schema.patternProperties ?? {})
      .filter(([pattern]) => new RegExp(pattern, 'su').test(key))
      .map(([, inner]) => inner);
    const rest = named === undefined && patterns.length === 0 ? schema.additionalProperties : undefined;
    const element = Array.isArray(schema.items) ? own(schema.items, key) : schema.items;
    return [named, ...patterns, rest, element].filter(isSchema).flatMap(withAlternatives);
  });
}

/** The schema and every alternative of it, however deep: a location of a union is described by each of them. */
function withAlternatives(schema: TSchema): TSchema[] {
  const { anyOf = [], oneOf = [], allOf = [] }: SchemaParts = schema;
  return [schema, ...[...anyOf, ...oneOf, ...allOf].flatMap(withAlternatives)];
}

/** Own entries only: `constructor` is a legal name of a field. */
function own<Value>(from: Record<string, Value> | Value[] | undefined, key: string): Value | undefined {
  return from !== undefined && Object.hasOwn(from, key) ? (from as Record<string, Value>)[key] : undefined;
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null;
}

type SchemaParts = {
  properties?: Record<string, TSchema>;
  patternProperties?: Record<string, TSchema>;
  additionalProperties?: TSchema | boolean;
  items?: TSchema | TSchema[];
  anyOf?: TSchema[];
  oneOf?: TSchema[];
  allOf?: TSchema[];
};
