import { isObject } from './value-access.js';

/**
 * The text of `{{x}}`: a string JSON-escaped without quotes, a number, boolean or null as JSON, an array as its elements
 * joined by `, `. Undefined for an object and for what JSON does not know, such as NaN.
 */
export function printValue(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const elements = value.map(printValue);
    return elements.includes(undefined) ? undefined : elements.join(', ');
  }
  if (isObject(value)) return undefined;
  return typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : jsonText(value);
}

/** The text of `{{json x}}`. Undefined for what JSON does not know. */
export function jsonText(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  return typeof value === 'bigint' ? undefined : JSON.stringify(value);
}
