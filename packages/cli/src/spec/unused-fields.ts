import type { JsonObject } from '@aftercommit/models';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import type { IssueCollector, SpecPath } from './issue-collector.js';

/** Warns of fields that catalogs have, and that an installed connector does not act on. What asks for nothing is no reason. */
export function warnOfUnusedFields(
  section: JsonObject,
  { path, names, kind }: { path: SpecPath; names: readonly string[]; kind: ConnectorKind },
  issues: IssueCollector,
): void {
  for (const name of names) {
    const value = section[name];
    if (value === undefined || value === null || value === false || value === 0) continue;
    const message = `${name} changes nothing with the endpoint ${kind.name}. Remove it, or do not rely on it.`;
    issues.warning('CONFIG_VALUE_UNUSED', [...path, name], message, 'key');
  }
}
