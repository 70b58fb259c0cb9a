/** A JSON Schema, or a part of one. */
export type Schema = { [keyword: string]: unknown };

/** What holds where a condition does, and what holds elsewhere. */
export function when(condition: object, holds: object | true, elsewhere: object | true = true): Schema {
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
  return { if: condition, then: holds, else: elsewhere };
}

/** What may be left empty, as it is while everything in it is a comment. */
export function orEmpty(schema: Schema): Schema {
  const { title, description, default: value, ...rest } = schema;
  const about = { title, description, default: value };
  return { ...about, anyOf: [rest, { type: 'null' }] };
}

/** Names alone: what they hold is said elsewhere. */
export function named(names: readonly string[]): Schema {
  return Object.fromEntries(names.map((name) => [name, true]));
}
