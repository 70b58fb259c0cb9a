import { isJsonObject } from '@aftercommit/models';
import type { TSchema } from 'typebox';

/** One field that a schema declares, at any depth. */
export type DeclaredField = {
  /** With dots between the names; `*` is any name or place: `headers.*`. */
  name: string;
  schema: TSchema & { type?: unknown; enum?: unknown; const?: unknown; default?: unknown };
  /** Whether it, or what it is in, is annotated as secret. */
  isSecret: boolean;
  isNonsensitive: boolean;
};

/** Every field of a schema, and those in its fields. Alternatives of a field have its name. */
export function declaredFields(schema: unknown): DeclaredField[] {
  return fieldsIn(schema, '', { isSecret: false, isNonsensitive: false });
}

type Annotated = Pick<DeclaredField, 'isSecret' | 'isNonsensitive'>;

function fieldsIn(schema: unknown, within: string, above: Annotated): DeclaredField[] {
  return childrenOf(schema).flatMap(([name, child]) => {
    const full = name === '' ? within : [within, name].filter((part) => part !== '').join('.');
    const own = {
      isSecret: above.isSecret || child['secret'] === true,
      isNonsensitive: above.isNonsensitive || child['nonsensitive'] === true,
    };
    return [{ name: full, schema: child as DeclaredField['schema'], ...own }, ...fieldsIn(child, full, own)];
  });
}

/** What a schema says of what is inside, with its name; of an alternative the name is empty. */
function childrenOf(schema: unknown): Array<[name: string, schema: Record<string, unknown>]> {
  if (!isJsonObject(schema)) return [];
  const { properties, patternProperties, additionalProperties, items, anyOf, oneOf, allOf } = schema;
  const named = isJsonObject(properties) ? Object.entries(properties) : [];
  const patterns = isJsonObject(patternProperties) ? Object.values(patternProperties) : [];
  const anywhere = [...patterns, additionalProperties, ...[items].flat()].map((child) => ['*', child] as const);
  const alternatives = [anyOf, oneOf, allOf].flat().map((child) => ['', child] as const);
  return [...named, ...anywhere, ...alternatives].flatMap(([name, child]) =>
    isJsonObject(child) ? [[name, child]] : [],
  );
}
