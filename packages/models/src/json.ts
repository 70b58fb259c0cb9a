/** A value that survives `JSON.stringify` and `JSON.parse` unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** Whether a value is an object and no list. What is in it is not looked at: of a parsed text it is JSON. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What keeps a value from surviving `JSON.stringify` and `JSON.parse`, as the end of a sentence; undefined: nothing does.
 */
export function jsonProblem(value: unknown, place = 'it'): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${place} is ${value}, which JSON has not`;
  if (typeof value === 'bigint') return `${place} is a BigInt, which JSON has not: write it as a text`;
  if (typeof value !== 'object') return `${place} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    return `${place} is an object of a class, whose fields JSON would lose`;
  }
  for (const [key, inner] of Object.entries(value)) {
    const problem = jsonProblem(inner, `${place}.${key}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * One text for all spellings of the same value: object keys are sorted, so that the order in which somebody wrote
 * the fields of a configuration never changes its hash. Fields that are `undefined` are left out, as JSON does.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (!isJsonObject(inner)) return inner;
    return Object.fromEntries(
      Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
    );
  });
}
