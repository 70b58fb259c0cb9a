import type { TSchema } from 'typebox';
import { isJsonObject } from './json.js';
import { SchemaLocation } from './schema-location.js';

/** The one nonsensitive field that stays where it is when a configuration is stripped, empty: others seal it like this. */
const emptied = 'payloadTemplate';

/**
 * The configuration without its nonsensitive fields, as it is sealed: they add nothing to the seal, so each can be changed,
 * added and removed afterwards. `payloadTemplate` becomes `""`. Nothing is changed in place.
 *
 * @param value Objects may be plain ones, or maps where the order of fields counts; each stays what it is. Secret fields may
 *   have their sealed names.
 */
export function stripConfig(schema: TSchema, value: unknown): unknown {
  return strip(SchemaLocation.of(schema), value);
}

/**
 * A stripped configuration with its nonsensitive fields again, from the one that was stripped. Protected and secret fields are
 * those of `stripped`, in its order, sealed or not. Nothing is changed in place.
 */
export function restoreConfig(schema: TSchema, stripped: unknown, from: unknown): unknown {
  return restore(SchemaLocation.of(schema), stripped, from);
}

function strip(location: SchemaLocation, value: unknown): unknown {
  if (location.isSecret) return value;
  if (Array.isArray(value)) return value.map((inner: unknown, index) => strip(location.field(String(index)), inner));
  const fields = fieldsOf(value);
  if (fields === undefined) return value;
  const kept = fields.flatMap(([name, inner]): Field[] => {
    const inside = location.field(name);
    if (!inside.isNonsensitive) return [[name, strip(inside, inner)]];
    return name === emptied ? [[name, '']] : [];
  });
  return rebuilt(value, kept);
}

function restore(location: SchemaLocation, stripped: unknown, from: unknown): unknown {
  if (location.isSecret) return stripped;
  if (Array.isArray(stripped) && Array.isArray(from)) {
    return stripped.map((inner: unknown, index) => restore(location.field(String(index)), inner, from[index]));
  }
  const [fields, given] = [fieldsOf(stripped), new Map(fieldsOf(from))];
  if (fields === undefined) return stripped;
  const kept = fields.map(([name, inner]): Field => {
    const inside = location.field(name);
    if (inside.isNonsensitive) return [name, given.has(name) ? given.get(name) : inner];
    return [name, restore(inside, inner, given.get(name))];
  });
  const present = new Set(fields.map(([name]) => name));
  const added = [...given].filter(([name]) => !present.has(name) && location.field(name).isNonsensitive);
  return rebuilt(stripped, [...kept, ...added]);
}

type Field = [name: string, value: unknown];

/** The fields of an object, whichever way it keeps them; undefined: it is none. */
export function fieldsOf(value: unknown): Field[] | undefined {
  if (value instanceof Map) return [...value].map(([name, inner]) => [String(name), inner]);
  return isJsonObject(value) ? Object.entries(value) : undefined;
}

/** An object of the same sort with other fields. */
export function rebuilt(like: unknown, fields: Field[]): unknown {
  return like instanceof Map ? new Map(fields) : Object.fromEntries(fields);
}
