import { formatDuration, type JsonObject } from '@aftercommit/models';
import { catalogFields, checkFieldNames, optionalSection } from './catalog-fields.js';
import type { IssueCollector, SpecPath } from './issue-collector.js';
import type { MaterializationSpec } from './materialization-spec.js';
import type { ShardsSpec } from './read-shards.js';
import { readDuration, readPositiveDuration } from './spec-duration.js';

export const defaultMaxDocs = 10_000;
export const mostMaxDocs = 1_000_000;
const defaultMaxDurationMs = 1_000;

/** When a transaction has read enough: what `transactions` says, else what `shards` says, else the defaults. */
export function readTransactions(
  materialization: JsonObject,
  path: SpecPath,
  shards: ShardsSpec,
  issues: IssueCollector,
): MaterializationSpec['transactions'] {
  const limits = optionalSection(materialization, path, 'transactions', issues) ?? {};
  const limitsPath = [...path, 'transactions'];
  checkFieldNames(limits, { path: limitsPath, known: catalogFields.transactions, openness: 'closed' }, issues);
  const least = preferred(
    readDuration(limits['minDuration'], [...limitsPath, 'minDuration'], issues),
    shards.minDurationMs,
    { path, name: 'minDuration', inShards: 'minTxnDuration' },
    issues,
  );
  const most = preferred(
    readPositiveDuration(limits['maxDuration'], [...limitsPath, 'maxDuration'], issues),
    shards.maxDurationMs,
    { path, name: 'maxDuration', inShards: 'maxTxnDuration' },
    issues,
  );
  if (least !== undefined && most !== undefined && least.milliseconds > most.milliseconds) {
    const message = `${least.name} is longer than ${most.name} (${formatDuration(most.milliseconds)}): make it shorter.`;
    issues.error('CONFIG_INVALID', least.path, message);
  }
  const minDurationMs = least?.milliseconds ?? 0;
  return {
    maxDocs: readMaxDocs(limits['maxDocs'], [...limitsPath, 'maxDocs'], issues),
    minDurationMs,
    // Who asks for no more than a least length gets it.
    maxDurationMs: most?.milliseconds ?? Math.max(defaultMaxDurationMs, minDurationMs),
  };
}

/** A limit, and where it stands. */
type Limit = { milliseconds: number; name: string; path: SpecPath };

/** Of a limit that may stand in both sections the one that counts; undefined: it stands in none. */
function preferred(
  own: number | undefined,
  fromShards: number | undefined,
  { path, name, inShards }: { path: SpecPath; name: string; inShards: string },
  issues: IssueCollector,
): Limit | undefined {
  const shardsPath = [...path, 'shards', inShards];
  if (own === undefined) {
    if (fromShards === undefined) return undefined;
    return { milliseconds: fromShards, name: `shards.${inShards}`, path: shardsPath };
  }
  if (fromShards !== undefined) {
    const message = `transactions.${name} counts, and this does not. Remove one of them.`;
    issues.warning('CONFIG_VALUE_UNUSED', shardsPath, message);
  }
  return { milliseconds: own, name: `transactions.${name}`, path: [...path, 'transactions', name] };
}

function readMaxDocs(value: unknown, path: SpecPath, issues: IssueCollector): number {
  if (value === undefined || value === null) return defaultMaxDocs;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= mostMaxDocs) return value;
  issues.error('CONFIG_INVALID', path, 'maxDocs must be a whole number from 1 to 1000000, without quotes or commas.');
  return defaultMaxDocs;
}
