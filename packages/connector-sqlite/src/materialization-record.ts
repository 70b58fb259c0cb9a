import type { Json } from '@aftercommit/models';
import { ConnectorError } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { parseKept } from './kept-json.js';

/** Which session of which materialization writes. */
export type Fence = { readonly materialization: string; readonly epoch: bigint };

/** What the endpoint keeps of a materialization, beside the fence. */
export type MaterializationRecord = {
  runtimeCheckpoint: Json | undefined;
  /** The transaction whose staging was applied last. Undefined: none since the endpoint committed a checkpoint of its own. */
  appliedId: string | undefined;
};

/** Fences every session of a lower epoch. Throws `ENDPOINT_FENCED` if this one is the lower. */
export function raiseFence(database: Database.Database, fence: Fence): void {
  const stored = storedEpoch(database, fence.materialization);
  if (stored !== undefined && fence.epoch < stored) throw fencedError(database, fence, stored);
  database
    .prepare(`INSERT INTO aftercommit_materialization (materialization, epoch) VALUES (?, ?)
      ON CONFLICT (materialization) DO UPDATE SET epoch = excluded.epoch`)
    .run(fence.materialization, fence.epoch);
}

/** I6: every write begins with it, in its own transaction. Throws `ENDPOINT_FENCED` unless the epoch is still this one. */
export function assertHeld(database: Database.Database, fence: Fence): void {
  const stored = storedEpoch(database, fence.materialization);
  if (stored !== fence.epoch) throw fencedError(database, fence, stored);
}

/** Throws `ENDPOINT_CORRUPT`. */
export function readRecord(database: Database.Database, materialization: string): MaterializationRecord {
  const row = database
    .prepare<[string], { runtime_checkpoint: string | null; applied: string | null }>(
      'SELECT runtime_checkpoint, applied FROM aftercommit_materialization WHERE materialization = ?',
    )
    .get(materialization);
  const text = row?.runtime_checkpoint ?? undefined;
  const place = { materialization, file: database.name, what: 'its runtime checkpoint' };
  return {
    runtimeCheckpoint: text === undefined ? undefined : parseKept(text, place),
    appliedId: row?.applied ?? undefined,
  };
}

export function writeRecord(database: Database.Database, materialization: string, record: MaterializationRecord): void {
  const { runtimeCheckpoint, appliedId = null } = record;
  database
    .prepare('UPDATE aftercommit_materialization SET runtime_checkpoint = ?, applied = ? WHERE materialization = ?')
    .run(runtimeCheckpoint === undefined ? null : JSON.stringify(runtimeCheckpoint), appliedId, materialization);
}

function storedEpoch(database: Database.Database, materialization: string): bigint | undefined {
  return database
    .prepare<[string], bigint>('SELECT epoch FROM aftercommit_materialization WHERE materialization = ?')
    .safeIntegers()
    .pluck()
    .get(materialization);
}

function fencedError(
  database: Database.Database,
  { materialization }: Fence,
  stored: bigint | undefined,
): ConnectorError {
  const { name } = database;
  const found =
    stored === undefined
      ? `the record of the materialization was removed from ${name}. This session changes nothing any more: start again.`
      : `a later session was opened on ${name}. This one changes nothing any more: let the other one run.`;
  const seen = stored === undefined ? {} : { epoch: stored };
  return new ConnectorError('ENDPOINT_FENCED', `${materialization}: ${found}`, seen);
}
