import type { JsonObject } from '@aftercommit/models';
import { catalogFields, checkFieldNames, optionalSection } from './catalog-fields.js';
import type { IssueCollector, SpecPath } from './issue-collector.js';
import { readDuration, readPositiveDuration } from './spec-duration.js';

/** What `shards` says of a task; undefined durations: it does not say. */
export type ShardsSpec = { isDisabled: boolean; minDurationMs: number | undefined; maxDurationMs: number | undefined };

export function readShards(
  materialization: JsonObject,
  materializationPath: SpecPath,
  issues: IssueCollector,
): ShardsSpec {
  const section = optionalSection(materialization, materializationPath, 'shards', issues) ?? {};
  const path = [...materializationPath, 'shards'];
  const shards = checkFieldNames(section, { path, known: catalogFields.shards, openness: 'open' }, issues);
  return {
    isDisabled: readFlag(shards, path, 'disable', issues),
    minDurationMs: readDuration(shards['minTxnDuration'], [...path, 'minTxnDuration'], issues),
    maxDurationMs: readPositiveDuration(shards['maxTxnDuration'], [...path, 'maxTxnDuration'], issues),
  };
}

/** A field that is true or false; absent: false. */
export function readFlag(section: JsonObject, path: SpecPath, name: string, issues: IssueCollector): boolean {
  const value = section[name];
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  const words = typeof value === 'string' ? `, without quotes; yes, no, on and off are texts` : '';
  issues.error('CONFIG_INVALID', [...path, name], `${name} must be true or false${words}.`);
  return false;
}
