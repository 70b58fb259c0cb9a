import { alternativeFields, type Json, type JsonObject } from '@aftercommit/models';
import type { TriggerKind } from '@aftercommit/registry';
import { parse, YAMLError } from 'yaml';
import { unknownNames } from '../errors/unknown-names.js';
import { UsageError } from '../errors/usage-error.js';

/** The schema of a configuration: of a trigger, or of an endpoint. */
type FieldsSchema = TriggerKind['configSchema'];

/** A field of a schema. */
export type SchemaField = { name: string; description: string; isSecret: boolean };

/** The fields that a configuration still needs: the required ones without a default, and of alternatives the first. */
export function missingFields(schema: FieldsSchema, given: JsonObject): SchemaField[] {
  const required = (schema.required ?? []).filter((name) => !('default' in (schema.properties[name] ?? {})));
  const alternatives = alternativeFields(schema) ?? [];
  const isChosen = alternatives.some((fields) => fields.every((name) => Object.hasOwn(given, name)));
  const names = new Set([...required, ...(isChosen ? [] : (alternatives[0] ?? []))]);
  return [...names].filter((name) => !Object.hasOwn(given, name)).map((name) => fieldOf(schema, name));
}

function fieldOf(schema: FieldsSchema, name: string): SchemaField {
  const { description = '', secret }: { description?: string; secret?: boolean } = schema.properties[name] ?? {};
  return { name, description, isSecret: secret === true };
}

/**
 * The fields of options such as `--field url=https://example.com/hook`.
 *
 * @param option Without its value: `--field`.
 * @param owner Whose fields they are: `kind slack`.
 * @throws UsageError when one is no field, or a secret: everybody on a machine can see arguments.
 */
export function givenFields(
  assignments: readonly string[],
  schema: FieldsSchema,
  { option, owner }: { option: string; owner: string },
): JsonObject {
  const fields = assignments.map((assignment): [string, Json] => {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (name === undefined || text === undefined) {
      throw new UsageError(`${option} ${assignment}: write a field and its value: ${option} name=value.`);
    }
    const unknown = unknownNames([name], Object.keys(schema.properties), { what: 'field', where: `of ${owner}` });
    if (unknown !== undefined) throw new UsageError(unknown);
    if (holdsSecret(schema.properties[name] ?? {})) throw new UsageError(secretAsArgument(option, name));
    return [name, typedValue(text, schema.properties[name] ?? {})];
  });
  return Object.fromEntries(fields);
}

function secretAsArgument(option: string, name: string): string {
  return `${option} ${name}: it is secret, and everybody on this machine can see arguments. Leave it out: what is required is asked for, or read from standard input; the rest is written into the file.`;
}

/** Whether a field is secret, or one below it is. */
function holdsSecret(schema: object): boolean {
  return JSON.stringify(schema).includes('"secret":true');
}

/** What is typed as the value of a field: a text stays one, whatever it looks like. */
export function typedValue(text: string, schema: FieldsSchema['properties'][string]): Json {
  const { type } = schema as { type?: unknown };
  if (!['integer', 'number', 'boolean', 'array', 'object'].includes(String(type))) return text;
  try {
    return parse(text) as Json;
  } catch (error) {
    // The check of the field says what it has to be.
    if (error instanceof YAMLError) return text;
    throw error;
  }
}
