import type { SchemaLocation } from '@aftercommit/models';
import type { OrderedObject, OrderedValue } from './ordered-value.js';

/** What the name of a sealed field ends with. */
export const sealedSuffix = '_sops';

export function hasSuffix(name: string): boolean {
  return name.endsWith(sealedSuffix);
}

export function withoutSuffix(name: string): string {
  return hasSuffix(name) ? name.slice(0, -sealedSuffix.length) : name;
}

/**
 * Whether the field at a location gets the suffix: it is secret, or a list with secret elements, which have no names of their
 * own that could end with it.
 */
export function needsSuffix(location: SchemaLocation, value: OrderedValue): boolean {
  if (location.isSecret) return true;
  if (!Array.isArray(value)) return false;
  if (value.length === 0) return location.field('0').isSecret;
  return value.some((element, index) => needsSuffix(location.field(String(index)), element));
}

/** The document with the suffix at every secret field. */
export function markSecrets(location: SchemaLocation, document: OrderedObject): OrderedObject {
  return renamed(document, location, (name, value, inside) => {
    return needsSuffix(inside.field(name), value) ? `${name}${sealedSuffix}` : undefined;
  });
}

/** The document with one suffix trimmed of every sealed field, and of nothing inside of one. */
export function trimSecrets(location: SchemaLocation, document: OrderedObject): OrderedObject {
  return renamed(document, location, (name) => (hasSuffix(name) ? withoutSuffix(name) : undefined));
}

type Rename = (name: string, value: OrderedValue, inside: SchemaLocation) => string | undefined;

/** What was renamed is not looked into. */
function renamed(fields: OrderedObject, location: SchemaLocation, rename: Rename): OrderedObject {
  const visit = (value: OrderedValue, at: SchemaLocation): OrderedValue => {
    if (Array.isArray(value)) return value.map((element, index) => visit(element, at.field(String(index))));
    return value instanceof Map ? renamed(value, at, rename) : value;
  };
  return new Map(
    [...fields].map(([name, value]): [string, OrderedValue] => {
      const other = rename(name, value, location);
      return other === undefined ? [name, visit(value, location.field(name))] : [other, value];
    }),
  );
}
