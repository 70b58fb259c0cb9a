import type { TSchema } from 'typebox';

/** What a schema says of one location of a value: all of its readings, since a union gives a location several. */
export class SchemaLocation {
  readonly #schemas: readonly TSchema[];

  private constructor(schemas: readonly TSchema[]) {
    this.#schemas = schemas;
  }

  /** The location of the whole value. */
  static of(schema: TSchema): SchemaLocation {
    return new SchemaLocation(withAlternatives(schema));
  }

  /** Whether it is described at all: what is not is allowed by no closed schema. */
  get isKnown(): boolean {
    return this.#schemas.length > 0;
  }

  /** Secret as soon as one schema that may describe the location says so: of two readings, the one that hides wins. */
  get isSecret(): boolean {
    return this.#schemas.some((schema) => isAnnotated(schema, 'secret'));
  }

  /** What somebody may change without the key: so no reading of the location may say secret. */
  get isNonsensitive(): boolean {
    return !this.isSecret && this.#schemas.some((schema) => isAnnotated(schema, 'nonsensitive'));
  }

  /** The location under a field or an index, through unions, records, arrays, tuples and closed objects. */
  field(name: string): SchemaLocation {
    return new SchemaLocation(this.#schemas.flatMap((schema) => childSchemas(schema, name)));
  }
}

type SchemaParts = {
  properties?: Record<string, TSchema>;
  patternProperties?: Record<string, TSchema>;
  additionalProperties?: TSchema | boolean;
  items?: TSchema | TSchema[];
  anyOf?: TSchema[];
  oneOf?: TSchema[];
  allOf?: TSchema[];
  secret?: unknown;
  nonsensitive?: unknown;
};

function isAnnotated(schema: SchemaParts, annotation: 'secret' | 'nonsensitive'): boolean {
  return schema[annotation] === true;
}

function childSchemas(schema: SchemaParts, name: string): TSchema[] {
  const named = own(schema.properties, name);
  const patterns = Object.entries(schema.patternProperties ?? {})
    .filter(([pattern]) => new RegExp(pattern, 'su').test(name))
    .map(([, inner]) => inner);
  const rest = named === undefined && patterns.length === 0 ? schema.additionalProperties : undefined;
  const element = Array.isArray(schema.items) ? own(schema.items, name) : schema.items;
  return [named, ...patterns, rest, element].filter(isSchema).flatMap(withAlternatives);
}

/** The schema and every alternative of it, however deep: a location of a union is described by each of them. */
function withAlternatives(schema: TSchema): TSchema[] {
  const { anyOf = [], oneOf = [], allOf = [] }: SchemaParts = schema;
  return [schema, ...[...anyOf, ...oneOf, ...allOf].flatMap(withAlternatives)];
}

/** Own entries only: `constructor` is a legal name of a field. */
function own<Value>(from: Record<string, Value> | Value[] | undefined, name: string): Value | undefined {
  return from !== undefined && Object.hasOwn(from, name) ? (from as Record<string, Value>)[name] : undefined;
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null;
}
