import type { TSchema } from 'typebox';
import { isJsonObject } from './json.js';
import { SchemaLocation } from './schema-location.js';

/**
 * What a schema says of the fields of a configuration beyond their type:
 *
 * - `secret: true`: the value is sealed, and never shown in a log, an error or a page;
 * - `nonsensitive: true`: the field may be changed, added and removed without sealing again.
 *
 * Every other field is protected: readable by all, changeable only with the key. The annotation of a field that was
 * released never changes.
 */
export type FieldAnnotations = {
  /** The value is sealed and never shown. Undefined: it is no secret. */
  secret?: true;
  /** The field may change without sealing again. Undefined: it is protected. */
  nonsensitive?: true;
};

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
  collectSecrets(SchemaLocation.of(schema), value, false, found);
  return [...found];
}

/**
 * The value as anybody may see it and nobody may change without the key: the fields that are neither secret nor
 * nonsensitive. A secret location keeps its name and becomes `null`: names are protected, values are secret.
 */
export function protectedFields(schema: TSchema, value: unknown): unknown {
  return hideSecrets(SchemaLocation.of(schema), value, (inside) => !inside.isNonsensitive);
}

/** The value with every secret location `null`: what may be hashed, stored and shown. */
export function withoutSecrets(schema: TSchema, value: unknown): unknown {
  return hideSecrets(SchemaLocation.of(schema), value, () => true);
}

/** The value without its secret locations: what a kind is shown of a sealed configuration. */
export function withSecretsAbsent(schema: TSchema, value: unknown): unknown {
  return leaveOutSecrets(SchemaLocation.of(schema), value);
}

function leaveOutSecrets(location: SchemaLocation, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.flatMap((inner: unknown, index) => {
      const inside = location.field(String(index));
      return inside.isSecret ? [] : [leaveOutSecrets(inside, inner)];
    });
  }
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).flatMap(([key, inner]): Array<[string, unknown]> => {
    const inside = location.field(key);
    return inside.isSecret ? [] : [[key, leaveOutSecrets(inside, inner)]];
  });
  return Object.fromEntries(kept);
}

function collectSecrets(location: SchemaLocation, value: unknown, inherited: boolean, found: Set<string>): void {
  const secret = inherited || location.isSecret;
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) collectSecrets(location.field(key), inner, secret, found);
  } else if (secret && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')) {
    // What is empty shows nothing, and would be found between any two letters.
    if (value !== '') found.add(String(value));
  }
}

function hideSecrets(location: SchemaLocation, value: unknown, keep: (inside: SchemaLocation) => boolean): unknown {
  if (location.isSecret) return null;
  if (Array.isArray(value)) {
    return value.map((inner: unknown, index) => hideSecrets(location.field(String(index)), inner, keep));
  }
  if (!isJsonObject(value)) return value;
  const kept: Array<[string, unknown]> = [];
  for (const [key, inner] of Object.entries(value)) {
    const inside = location.field(key);
    if (keep(inside)) kept.push([key, hideSecrets(inside, inner, keep)]);
  }
  return Object.fromEntries(kept);
}
