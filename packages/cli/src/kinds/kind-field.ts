import { isJsonObject, type Json } from '@aftercommit/models';

/** One field of a trigger, or one below it. */
export type KindField = {
  /** `url`; below it `tls.ca`, `headers.*` for what a map holds, `hosts[]` for what a list does. */
  name: string;
  /** In a few words: `text`, `integer`, `POST, PUT or PATCH`, `list of text`. */
  type: string;
  /** Whether what it belongs to cannot be without it. One with a default can. */
  isRequired: boolean;
  isSecret: boolean;
  /** Undefined: there is none. */
  default?: Json;
  /** What the type says further: `1 to 65535`. */
  limits: string[];
  /** `''`: its author says nothing. */
  description: string;
};

/** What is known of a field from what it is in. */
type Place = { name: string; isRequired: boolean; isSecret: boolean; description: string };

type Schema = Readonly<Record<string, unknown>>;

/** The fields that a schema declares, each before those below it. */
export function kindFields(schema: object): KindField[] {
  return propertiesOf(asSchema(schema), '', false);
}

function propertiesOf(schema: Schema, before: string, isSecret: boolean): KindField[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(asSchema(schema['properties'])).flatMap(([name, field]) =>
    fieldsAt(asSchema(field), {
      name: `${before}${name}`,
      isRequired: required.includes(name) && !Object.hasOwn(asSchema(field), 'default'),
      isSecret,
      description: '',
    }),
  );
}

/** The field itself and those below it. Of a map only what it holds is told: its own name is in that. */
function fieldsAt(schema: Schema, place: Place): KindField[] {
  const readings = readingsOf(schema);
  const isSecret = place.isSecret || readings.some((one) => one['secret'] === true);
  const description = textIn(schema, 'description') || place.description;
  const below = readings.flatMap((one) => propertiesOf(one, `${place.name}.`, isSecret));
  const elements = readings.flatMap(elementsOf);
  const inner = elements.flatMap(({ sign, schema: element }) =>
    fieldsAt(element, { ...place, name: `${place.name}${sign}`, isSecret, description }),
  );
  const isMap = elements.some(({ sign }) => sign === '.*');
  // A list of plain values is told by its type.
  const told = isMap ? inner : inner.filter(({ name }) => !elements.some(({ sign }) => name === place.name + sign));
  const own: KindField = {
    name: place.name,
    type: typeOf(schema),
    isRequired: place.isRequired,
    isSecret,
    ...('default' in schema && { default: schema['default'] as Json }),
    limits: readings.flatMap(limitsOf),
    description,
  };
  return [...(isMap ? [] : [own]), ...below, ...told];
}

/** A schema, and each of its alternatives. */
function readingsOf(schema: Schema): Schema[] {
  return [schema, ...alternativesOf(schema).flatMap(readingsOf)];
}

function alternativesOf(schema: Schema): Schema[] {
  return [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((one) =>
    Array.isArray(one) ? one.map(asSchema) : [],
  );
}

/** What a map and what a list hold. */
function elementsOf({
  patternProperties,
  additionalProperties,
  items,
}: Schema): Array<{ sign: string; schema: Schema }> {
  const held = [...Object.values(asSchema(patternProperties)), additionalProperties].filter(isJsonObject);
  return [
    ...held.map((schema) => ({ sign: '.*', schema })),
    ...(isJsonObject(items) ? [{ sign: '[]', schema: items }] : []),
  ];
}

const words: Readonly<Record<string, string>> = { string: 'text', boolean: 'true or false', array: 'list' };

function typeOf(schema: Schema): string {
  const { type, enum: values, items } = schema;
  if ('const' in schema) return plainText(schema['const']);
  if (Array.isArray(values)) return anyOf(values.map(plainText));
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return anyOf([...new Set(alternatives.map(typeOf))]);
  if (type === 'array' && isJsonObject(items)) return `list of ${typeOf(items)}`;
  const types = [type].flat().filter((one) => typeof one === 'string');
  return types.length === 0 ? 'anything' : anyOf(types.map((one) => words[one] ?? one));
}

/** `POST, PUT or PATCH`. */
function anyOf(all: readonly string[]): string {
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

/** A longer one says nothing to people. */
const longestPattern = 40;

function limitsOf({ minimum, maximum, minLength, maxLength, minItems, maxItems, pattern }: Schema): string[] {
  return [
    ...rangeOf(minimum, maximum, ''),
    ...rangeOf(minLength, maxLength, ' characters'),
    ...rangeOf(minItems, maxItems, ' entries'),
    ...(typeof pattern === 'string' && pattern.length <= longestPattern ? [`matches ${pattern}`] : []),
  ];
}

function rangeOf(from: unknown, to: unknown, what: string): string[] {
  const [least, most] = [from, to].map((one) => (typeof one === 'number' ? String(one) : undefined));
  if (least === undefined && most === undefined) return [];
  if (most === undefined) return [`at least ${least}${what}`];
  return [least === undefined ? `at most ${most}${what}` : `${least} to ${most}${what}`];
}

/** A value of a schema as it would be written. */
function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function textIn(schema: Schema, name: string): string {
  const text = schema[name];
  return typeof text === 'string' ? text : '';
}

function asSchema(value: unknown): Schema {
  return isJsonObject(value) ? value : {};
}
