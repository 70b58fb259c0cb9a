import { isJsonObject, type Json, printDocument } from '@aftercommit/models';
import type { ConnectorState } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import type { Fence } from './materialization-record.js';
import { StagedRow, type TableRows } from './stored-row.js';

/** What names a staging: the transaction's random id, and the epoch of the session that made it. */
export type StagingName = { readonly transactionId: string; readonly epoch: bigint };

const where = 'materialization = ? AND transaction_id = ? AND epoch = ?';
const maxEpoch = 2n ** 63n - 1n;

/** The state that names a staging. */
export function stateNaming({ transactionId, epoch }: StagingName): ConnectorState {
  return { updated: { staging: { transactionId, epoch: String(epoch) } }, mergePatch: false };
}

/** The state that names none. */
export function stateNamingNone(): ConnectorState {
  return { updated: {}, mergePatch: false };
}

/** The staging that a connector state names; undefined: none. */
export function namedStaging(state: Json | undefined): StagingName | undefined {
  if (!isJsonObject(state) || !isJsonObject(state['staging'])) return undefined;
  const { transactionId, epoch } = state['staging'];
  if (typeof transactionId !== 'string' || typeof epoch !== 'string' || !/^\d{1,19}$/.test(epoch)) return undefined;
  return BigInt(epoch) > maxEpoch ? undefined : { transactionId, epoch: BigInt(epoch) };
}

export function isStaged(database: Database.Database, materialization: string, name: StagingName): boolean {
  return (
    database
      .prepare(`SELECT 1 FROM aftercommit_staging WHERE ${where}`)
      .get(materialization, name.transactionId, name.epoch) !== undefined
  );
}

/** Stages the documents of a transaction, in the order of each table. */
export function stage(
  database: Database.Database,
  materialization: string,
  { transactionId, epoch }: StagingName,
  rows: TableRows,
): void {
  database.prepare('INSERT INTO aftercommit_staging VALUES (?, ?, ?)').run(materialization, transactionId, epoch);
  const insert = database.prepare('INSERT INTO aftercommit_staged_document VALUES (?, ?, ?, ?, ?, ?, ?)');
  let position = 0n;
  for (const [table, ofTable] of rows) {
    for (const { key, document, text = printDocument(document) } of ofTable) {
      insert.run(materialization, transactionId, epoch, position, table, printDocument([...key]), text);
      position += 1n;
    }
  }
}

export function stagedRows(
  database: Database.Database,
  materialization: string,
  { transactionId, epoch }: StagingName,
): StagedRow[] {
  return database
    .prepare<[string, string, bigint], { table: string; key: string; text: string }>(
      `SELECT table_name AS "table", key, document AS text FROM aftercommit_staged_document WHERE ${where} ORDER BY position`,
    )
    .all(materialization, transactionId, epoch)
    .map((staged) => new StagedRow(staged));
}

/**
 * Whether a staging of the materialization holds documents of the table.
 *
 * @param name Which one. Undefined: any.
 */
export function isTableStaged(
  database: Database.Database,
  materialization: string,
  table: string,
  name?: StagingName,
): boolean {
  const [condition, values] =
    name === undefined ? ['materialization = ?', [materialization]] : [where, [materialization, ...named(name)]];
  return (
    database
      .prepare<unknown[]>(`SELECT 1 FROM aftercommit_staged_document WHERE ${condition} AND table_name = ? LIMIT 1`)
      .get(...values, table) !== undefined
  );
}

/** The tables that the staging holds documents of. */
export function stagedTables(database: Database.Database, materialization: string, name: StagingName): string[] {
  return database
    .prepare<unknown[], string>(`SELECT DISTINCT table_name FROM aftercommit_staged_document WHERE ${where}`)
    .pluck()
    .all(materialization, ...named(name));
}

export function removeStaging(database: Database.Database, materialization: string, name: StagingName): void {
  for (const table of ['aftercommit_staged_document', 'aftercommit_staging']) {
    database.prepare(`DELETE FROM ${table} WHERE ${where}`).run(materialization, name.transactionId, name.epoch);
  }
}

/** Whether sessions of lower epochs staged something, apart from the one that is still to be applied. */
export function hasOldStagings(
  database: Database.Database,
  { materialization, epoch }: Fence,
  pending: StagingName | undefined,
): boolean {
  const old = database
    .prepare<[string, bigint], { transactionId: string; epoch: bigint }>(
      'SELECT transaction_id AS transactionId, epoch FROM aftercommit_staging WHERE materialization = ? AND epoch < ?',
    )
    .safeIntegers()
    .all(materialization, epoch);
  return old.some((name) => name.transactionId !== pending?.transactionId || name.epoch !== pending.epoch);
}

/** Removes what sessions of lower epochs staged. Comes behind the apply of what the store has committed of it. */
export function removeOldStagings(database: Database.Database, { materialization, epoch }: Fence): void {
  for (const table of ['aftercommit_staged_document', 'aftercommit_staging']) {
    database.prepare(`DELETE FROM ${table} WHERE materialization = ? AND epoch < ?`).run(materialization, epoch);
  }
}

function named({ transactionId, epoch }: StagingName): [string, bigint] {
  return [transactionId, epoch];
}
