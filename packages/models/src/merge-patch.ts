import { type Document, type DocumentValue, isDocument } from './document.js';

/**
 * Merges `patch` into `target` as RFC 7396 says: fields are replaced, objects are merged, and null removes. Changes
 * neither; the result shares what did not change.
 *
 * @param target Undefined: there is nothing yet.
 */
export function mergePatch(target: DocumentValue | undefined, patch: DocumentValue): DocumentValue {
  if (!isDocument(patch)) return patch;
  const base = target !== undefined && isDocument(target) ? target : {};
  // A map, because `__proto__` is a field like any other here.
  const fields = new Map(Object.entries(base));
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) fields.delete(field);
    else fields.set(field, mergePatch(fields.get(field), value));
  }
  const merged: Document = Object.fromEntries(fields);
  return merged;
}
