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
  return { ...schema, ...annotations };
}

/** Every text under a `secret: true` location of the value, each once, in document order. */
export function secretValues(schema: TSchema, value: unknown): string[] {
  const found = new Set<string>();
  collectSecrets([schema], value, false, found);
  return [...found];
}

/**
 * The value as anybody may see it and nobody may change without the key: the fields that are neither secret nor
 * nonsensitive. A secret location keeps its name and becomes `null`: names are protected, values are secret.
 */
export function protectedFields(schema: TSchema, value: unknown): unknown {
  return keepProtected([schema], value);
}

/** The value with every secret location `null`: what may be hashed, stored and shown. */
export function withoutSecrets(schema: TSchema, value: unknown): unknown {
  return dropSecrets([schema], value);
}

function collectSecrets(schemas: TSchema[], value: unknown, inherited: boolean, found: Set<string>): void {
  const secret = inherited || hasAnnotation(schemas, 'secret');
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) collectSecrets(childSchemas(schemas, key), inner, secret, found);
  } else if (secret && value !== null && value !== undefined && value !== '') {
    found.add(String(value));
  }
}

function keepProtected(schemas: TSchema[], value: unknown): unknown {
  return dropSecrets(schemas, value, (inner) => !hasAnnotation(inner, 'nonsensitive'));
}

function dropSecrets(schemas: TSchema[], value: unknown, keep: (schemas: TSchema[]) => boolean = () => true): unknown {
  if (hasAnnotation(schemas, 'secret')) return null;
  if (Array.isArray(value)) {
    return value.map((inner: unknown, index) => dropSecrets(childSchemas(schemas, String(index)), inner, keep));
  }
  if (!isJsonObject(value)) return value;
  const kept: Array<[string, unknown]> = [];
  for (const [key, inner] of Object.entries(value)) {
    const inside = childSchemas(schemas, key);
    if (keep(inside)) kept.push([key, dropSecrets(inside, inner, keep)]);
  }
  return Object.fromEntries(kept);
}

/** A location is annotated when any schema that describes it says so: of two readings, the one that hides wins. */
function hasAnnotation(schemas: TSchema[], annotation: keyof FieldAnnotations): boolean {
  return schemas.some((schema) => annotation in schema && schema[annotation as keyof TSchema] === true);
}

/** All schemas that may describe what is under `key`, through unions, records, arrays and closed objects. */
function childSchemas(schemas: TSchema[], key: string): TSchema[] {
  return schemas.flatMap((schema) => {
    const parts = schema as SchemaParts;
    const own = parts.properties && Object.hasOwn(parts.properties, key) ? parts.properties[key] : undefined;
    const patterns = Object.entries(parts.patternProperties ?? {})
      .filter(([pattern]) => new RegExp(pattern, 'su').test(key))
      .map(([, inner]) => inner);
    const rest = [parts.items, own === undefined && patterns.length === 0 ? parts.additionalProperties : undefined];
    const alternatives = [...(parts.anyOf ?? []), ...(parts.oneOf ?? []), ...(parts.allOf ?? [])];
    return [own, ...patterns, ...rest].filter(isSchema).concat(childSchemasOf(alternatives, key));
  });
}

function childSchemasOf(alternatives: TSchema[], key: string): TSchema[] {
  return alternatives.length === 0 ? [] : childSchemas(alternatives, key);
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null;
}

type SchemaParts = {
  properties?: Record<string, TSchema>;
  patternProperties?: Record<string, TSchema>;
  additionalProperties?: TSchema | boolean;
  items?: TSchema;
  anyOf?: TSchema[];
  oneOf?: TSchema[];
  allOf?: TSchema[];
};
