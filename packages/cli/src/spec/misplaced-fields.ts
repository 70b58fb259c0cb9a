import { isJsonObject, type Json, type JsonObject } from '@aftercommit/models';
import { catalogFields, checkFieldNames } from './catalog-fields.js';
import type { IssueCollector } from './issue-collector.js';

/**
 * Reports fields at the top of the file that nobody reads there: those that look misspelt, and those that look like a part of
 * a section. Unknown sections are passed over, so what is not indented would vanish without a word. `x-` begins a field that
 * is there for its anchors.
 *
 * @returns What is left, under the names that are meant.
 */
export function checkTopFields(root: JsonObject, issues: IssueCollector): JsonObject {
  const rest: Array<[string, Json]> = [];
  for (const [name, value] of Object.entries(root)) {
    const look = isRead(name) ? undefined : lookOf(name, value);
    if (look === undefined) {
      rest.push([name, value]);
    } else {
      const message = `"${name}" stands at the top of the file, and looks like ${look}. Indent it, so that it stands where it belongs.`;
      issues.error('CONFIG_UNKNOWN_FIELD', [name], message, 'key');
    }
  }
  return checkFieldNames(Object.fromEntries(rest), { path: [], known: catalogFields.top, openness: 'open' }, issues);
}

function isRead(name: string): boolean {
  return isOneOf(name, catalogFields.top) || name.startsWith('x-');
}

/** What a field looks like that belongs further down; undefined: like none. */
function lookOf(name: string, value: unknown): string | undefined {
  const owners = [
    ...(isOneOf(name, catalogFields.collection) ? ['a collection'] : []),
    ...(isOneOf(name, catalogFields.materialization) ? ['a materialization'] : []),
  ];
  if (owners.length > 0) return `a field of ${owners.join(' or ')}`;
  if (holdsOne(value, ['endpoint', 'bindings'])) return 'a materialization, below materializations';
  if (holdsOne(value, ['key', 'source'])) return 'a collection, below collections';
  return name.includes('/') ? 'a name below collections or materializations' : undefined;
}

function isOneOf(name: string, names: readonly string[]): boolean {
  return names.includes(name);
}

function holdsOne(value: unknown, fields: readonly string[]): boolean {
  return isJsonObject(value) && fields.some((field) => Object.hasOwn(value, field));
}
