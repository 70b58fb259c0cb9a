import { isJsonObject, type JsonObject } from '@aftercommit/models';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { catalogFields, checkFieldNames } from './catalog-fields.js';
import { catalogNameProblem } from './catalog-name.js';
import type { IssueCollector, SpecPath } from './issue-collector.js';

/** The collection that a binding reads, and where it is named. */
export type BindingSource = { collection: string; path: SpecPath };

/** The source of a binding: a name, or a mapping with one. Undefined: it names none, which is an issue then. */
export function readBindingSource(
  binding: JsonObject,
  bindingPath: SpecPath,
  kind: ConnectorKind | undefined,
  issues: IssueCollector,
): BindingSource | undefined {
  const source = binding['source'];
  const path = [...bindingPath, 'source'];
  refuseSelections(binding, bindingPath, ['partitions'], kind, issues);
  if (!isJsonObject(source)) return readName(source, path, issues);
  const openness = kind === undefined ? 'open' : 'closed';
  const fields = checkFieldNames(source, { path, known: catalogFields.bindingSource, openness }, issues);
  refuseSelections(fields, path, ['partitions', 'notBefore', 'notAfter'], kind, issues);
  return readName(fields['name'], [...path, 'name'], issues);
}

function readName(name: unknown, path: SpecPath, issues: IssueCollector): BindingSource | undefined {
  const field = path.at(-1);
  if (name === undefined) {
    issues.error('CONFIG_INVALID', path, `${field} is missing: name the collection that is read.`);
  } else if (typeof name !== 'string') {
    issues.error(
      'CONFIG_INVALID',
      path,
      `${field} must be the name of a collection: a text, in quotes if it looks like a number.`,
    );
  } else {
    const problem = catalogNameProblem(name);
    if (problem === undefined) return { collection: name, path };
    issues.error('CONFIG_NAME_INVALID', path, `The name of a collection ${problem}.`);
  }
  return undefined;
}

/** Who asks for a part of a collection must not get all of it. */
function refuseSelections(
  section: JsonObject,
  path: SpecPath,
  names: readonly string[],
  kind: ConnectorKind | undefined,
  issues: IssueCollector,
): void {
  if (kind === undefined) return;
  for (const name of names) {
    const value = section[name];
    if (value === undefined || value === null) continue;
    const message = `${name} is not supported with the endpoint ${kind.name}: the whole collection would be read. Remove it, or give the part that is meant a collection of its own.`;
    issues.error('CONFIG_UNSUPPORTED', [...path, name], message, 'key');
  }
}
