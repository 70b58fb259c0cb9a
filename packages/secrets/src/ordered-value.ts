import { isJsonObject } from '@aftercommit/models';
import { SecretsError } from './secrets-error.js';

/**
 * A value whose fields have an order. Objects are maps: the seal of a document follows the order in which it is written, and
 * plain objects move names like `10` to the front. Integers beyond ±(2^53−1) are bigint.
 */
export type OrderedValue = null | boolean | number | bigint | string | OrderedValue[] | OrderedObject;

/** The fields of an object, in the order in which they are written. */
export type OrderedObject = Map<string, OrderedValue>;

/** Deeper documents are refused. */
export const deepestLevel = 256;

/**
 * The value with its objects as maps; maps stay as they are. Fields that are `undefined` are left out, as JSON does.
 *
 * @throws SecretsError `SECRETS_VALUE_UNSUPPORTED` for what no document has, and `SECRETS_DOCUMENT_INVALID` for one that is
 *   nested deeper than 256 levels.
 */
export function toOrdered(value: unknown, label: string, level = 0): OrderedValue {
  if (level >= deepestLevel && typeof value === 'object' && value !== null) throw tooDeep(label);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (Array.isArray(value)) return Array.from(value, (inner) => toOrdered(inner ?? null, label, level + 1));
  if (value instanceof Map || isJsonObject(value)) {
    const entries: Array<[unknown, unknown]> = value instanceof Map ? [...value] : Object.entries(value);
    const kept = entries.filter(([, inner]) => inner !== undefined);
    return new Map(kept.map(([key, inner]) => [String(key), toOrdered(inner, label, level + 1)]));
  }
  throw new SecretsError('SECRETS_VALUE_UNSUPPORTED', `${label} has a value that no document has: a ${typeof value}.`);
}

/** The value with its objects as plain ones, `__proto__` a field like any other. */
export function toPlain(value: OrderedValue): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, toPlain(inner)]));
  return value;
}

export function tooDeep(label: string): SecretsError {
  return new SecretsError(
    'SECRETS_DOCUMENT_INVALID',
    `${label} is nested deeper than ${deepestLevel} levels. Look for brackets that are not closed.`,
  );
}
