import type Database from 'better-sqlite3';
import { quoteName } from './column-name.js';
import { assertWhole } from './complete-table.js';
import { isTableStaged, type StagingName } from './staging.js';
import { layoutOf } from './table-layout.js';
import { ownedByOther, refusedTable } from './table-place.js';
import { findInFile, findTableRecord, type TableRecord } from './table-record.js';

/**
 * What is to be done about the table of a binding.
 *
 * - `make`: nothing is there, and nothing is known of it.
 * - `make-again`: it was dropped, and is wanted as it was.
 * - `complete`: it is there, and perhaps some of its columns were dropped.
 * - `replace`: it was dropped or is empty, and is wanted in another shape, or by another materialization.
 */
export type TableJudgement = 'make' | 'make-again' | 'complete' | 'replace';

/**
 * Changes nothing. Throws `ENDPOINT_REFUSED`.
 *
 * @param pending The staging that is still to be applied. Undefined: none.
 */
export function judgeTable(
  database: Database.Database,
  wanted: TableRecord,
  pending: StagingName | undefined,
): TableJudgement {
  const place = { materialization: wanted.materialization, file: database.name, table: wanted.name };
  const recorded = findTableRecord(database, wanted.name);
  const found = findInFile(database, wanted.name);
  if (found !== undefined && (recorded === undefined || found !== 'table')) {
    const what = found === 'index' ? 'an index' : `a ${found}`;
    throw refusedTable(
      place,
      `${what} of this name is there, which was not made by this connector. Name another table.`,
    );
  }
  if (recorded === undefined) return 'make';
  const difference = differenceOf(recorded, wanted);
  if (difference === undefined) return found === undefined ? 'make-again' : 'complete';
  const isFree = found === undefined || isEmptyOfOurs(database, recorded, wanted);
  if (!isFree || isAwaited(database, recorded, wanted, pending)) throw refusedTable(place, difference);
  return 'replace';
}

export function isTableEmpty(database: Database.Database, table: string): boolean {
  return database.prepare(`SELECT 1 FROM ${quoteName(table)} LIMIT 1`).get() === undefined;
}

/** Why the table is none that is wanted, and what to do; undefined: it is. */
function differenceOf(recorded: TableRecord, wanted: TableRecord): string | undefined {
  if (recorded.materialization !== wanted.materialization) return ownedByOther(recorded.materialization);
  const remedy = 'Name another table: it is filled from the start of the sources.';
  if (recorded.name !== wanted.name) {
    const name = JSON.stringify(recorded.name);
    return `it was made as ${name}, which is the same table to SQLite, and another one to what is kept of it. Write ${name}.`;
  }
  if (JSON.stringify(recorded.key) !== JSON.stringify(wanted.key)) {
    return `it was made for the key ${recorded.key.join(', ')}, and the collection's is ${wanted.key.join(', ')}. ${remedy}`;
  }
  if (recorded.isDelta === wanted.isDelta) return undefined;
  const [was, is] = recorded.isDelta ? ['with', 'without'] : ['without', 'with'];
  return `it was made ${was} delta, and is bound ${is} it. ${remedy}`;
}

/** Whether nothing is lost with it. */
function isEmptyOfOurs(database: Database.Database, recorded: TableRecord, wanted: TableRecord): boolean {
  const isOurs = recorded.materialization === wanted.materialization && recorded.name === wanted.name;
  if (!isOurs || !isTableEmpty(database, recorded.name)) return false;
  assertWhole(database, layoutOf(database, recorded.materialization, recorded.name));
  return true;
}

/** Whether documents wait for the table as it was. Which staging of another materialization counts is not known here: any. */
function isAwaited(
  database: Database.Database,
  recorded: TableRecord,
  wanted: TableRecord,
  pending: StagingName | undefined,
): boolean {
  const { materialization, name } = recorded;
  if (materialization !== wanted.materialization) return isTableStaged(database, materialization, name);
  return pending !== undefined && isTableStaged(database, materialization, name, pending);
}
