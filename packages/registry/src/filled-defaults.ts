import { isJsonObject } from '@aftercommit/models';
import Type, { type TObject, type TProperties, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** A copy of a configuration in which the defaults of its schema are filled in. */
export function filledDefaults(schema: TObject, value: unknown): unknown {
  return Value.Default(madeByTypeBox(schema), structuredClone(value));
}

type PlainSchema = TSchema & { properties?: TProperties; required?: unknown; items?: TSchema };

/**
 * The same schema as TypeBox makes it. It fills in nothing below an object or a list that it does not know for its own: of plain
 * JSON Schema, or once a schema was copied or read from JSON.
 */
function madeByTypeBox(schema: PlainSchema): TSchema {
  const { properties, required: _byField, items, ...rest } = schema;
  if (isJsonObject(properties)) {
    const fields = Object.entries(properties).map(([name, field]) => [name, madeByTypeBox(field)]);
    return Type.Object(Object.fromEntries(fields), rest);
  }
  return isJsonObject(items) ? Type.Array(madeByTypeBox(items), rest) : schema;
}
