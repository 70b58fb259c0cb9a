import { completeTable } from './complete-table.js';
import type { Queries } from './endpoint-connection.js';
import { judgeTable, type TableJudgement } from './judge-table.js';
import { createTable, makeTable } from './make-table.js';
import type { EndpointPlace, WarnOnce } from './postgres-task.js';
import { quoteTable, type TablePlace } from './table-place.js';
import { findTableRecords, removeTableRecord, type WantedTable } from './table-record.js';

/**
 * Makes what is missing, and checks what is there. Takes nothing away: returns the tables that are to be replaced when it
 * is certain that this session goes on. Throws `ENDPOINT_REFUSED`.
 */
export async function prepareTables(
  queries: Queries,
  endpoint: EndpointPlace,
  wanted: readonly WantedTable[],
  warn: WarnOnce,
): Promise<WantedTable[]> {
  const recorded = await findTableRecords(queries, endpoint, wanted, 'unlocked');
  const replaced: WantedTable[] = [];
  for (const [index, table] of wanted.entries()) {
    const place = { schema: table.schema, table: table.table, endpoint };
    const judgement = await judgeTable(queries, table, place, recorded[index]);
    if (judgement.is === 'replace') replaced.push(table);
    else await prepareTable(queries, table, place, judgement, warn);
  }
  return replaced;
}

/**
 * Makes the tables in the shape that is wanted now, or for the materialization that wants them now. Looks again before: much
 * may have happened to them since `prepareTables`. Throws `ENDPOINT_REFUSED`.
 */
export async function replaceTables(
  queries: Queries,
  endpoint: EndpointPlace,
  tables: readonly WantedTable[],
  warn: WarnOnce,
): Promise<void> {
  for (const table of await prepareTables(queries, endpoint, tables, warn)) {
    const place = { schema: table.schema, table: table.table, endpoint };
    await queries.query(`DROP TABLE IF EXISTS ${quoteTable(table)}`);
    await removeTableRecord(queries, endpoint, table);
    await makeTable(queries, table, place);
  }
}

async function prepareTable(
  queries: Queries,
  wanted: WantedTable,
  place: TablePlace,
  judgement: Exclude<TableJudgement, { is: 'replace' }>,
  warn: WarnOnce,
): Promise<void> {
  if (judgement.is === 'make') await makeTable(queries, wanted, place);
  else if (judgement.is === 'make-again') await createTable(queries, judgement.record);
  else await completeTable(queries, judgement.record, place, warn);
}
