import type Database from 'better-sqlite3';
import { quoteName } from './column-name.js';
import { completeTable } from './complete-table.js';
import { judgeTable, type TableJudgement } from './judge-table.js';
import { makeTable, makeTableAgain } from './make-table.js';
import type { WarnOnce } from './sqlite-task.js';
import { type StagingName, stagedTables } from './staging.js';
import { layoutOf } from './table-layout.js';
import { findInFile, findTableRecord, removeTableRecord, type TableRecord } from './table-record.js';

/**
 * Makes what is missing, and checks what is there. Takes nothing away: returns the tables that are to be replaced when it
 * is certain that this session goes on. Throws `ENDPOINT_REFUSED`.
 *
 * @param pending The staging that is still to be applied. Undefined: none.
 */
export function prepareTables(
  database: Database.Database,
  wanted: readonly TableRecord[],
  pending: StagingName | undefined,
  warn: WarnOnce,
): TableRecord[] {
  return wanted.filter((record) => {
    const judgement = judgeTable(database, record, pending);
    if (judgement === 'replace') return true;
    prepareTable(database, record, judgement, warn);
    return false;
  });
}

/**
 * Makes the table in the shape that is wanted now, or for the materialization that wants it now. Looks again before: much
 * may have happened to it since `prepareTables`. Throws `ENDPOINT_REFUSED`.
 */
export function replaceTable(database: Database.Database, wanted: TableRecord, warn: WarnOnce): void {
  const judgement = judgeTable(database, wanted, undefined);
  if (judgement !== 'replace') {
    prepareTable(database, wanted, judgement, warn);
    return;
  }
  database.exec(`DROP TABLE IF EXISTS ${quoteName(wanted.name)}`);
  removeTableRecord(database, wanted.name);
  makeTable(database, wanted);
}

/** Makes the tables again that somebody dropped while documents wait for them, also where no binding has them any more. */
export function restoreStagedTables(database: Database.Database, materialization: string, pending: StagingName): void {
  for (const name of stagedTables(database, materialization, pending)) {
    const record = findTableRecord(database, name);
    if (record?.materialization !== materialization || findInFile(database, name) !== undefined) continue;
    makeTableAgain(database, record);
  }
}

function prepareTable(
  database: Database.Database,
  record: TableRecord,
  judgement: Exclude<TableJudgement, 'replace'>,
  warn: WarnOnce,
): void {
  if (judgement === 'make') makeTable(database, record);
  else if (judgement === 'make-again') makeTableAgain(database, record);
  else completeTable(database, layoutOf(database, record.materialization, record.name), warn);
}
