import { assertWhole } from './complete-table.js';
import { findInDatabase, isTableEmpty } from './database-table.js';
import type { Queries } from './endpoint-connection.js';
import { ownedByOther, refusedTable, type TablePlace } from './table-place.js';
import type { TableRecord, WantedTable } from './table-record.js';

/**
 * What is to be done about the table of a binding.
 *
 * - `make`: nothing is there, and nothing is known of it.
 * - `make-again`: it was dropped, and is wanted as it was.
 * - `complete`: it is there, and perhaps some of its columns were dropped.
 * - `replace`: it was dropped or is empty, and is wanted in another shape, or by another materialization.
 */
export type TableJudgement =
  | { is: 'make' }
  | { is: 'replace' }
  | { is: 'make-again' | 'complete'; record: TableRecord };

/** Changes nothing. Throws `ENDPOINT_REFUSED`. */
export async function judgeTable(
  queries: Queries,
  wanted: WantedTable,
  place: TablePlace,
  recorded: TableRecord | undefined,
): Promise<TableJudgement> {
  const found = await findInDatabase(queries, wanted);
  if (found !== undefined && (recorded === undefined || found !== 'a table')) {
    throw refusedTable(
      place,
      `${found} of this name is there, which was not made by this connector. Name another table.`,
    );
  }
  if (recorded === undefined) return { is: 'make' };
  const difference = differenceOf(recorded, wanted);
  if (difference === undefined) return { is: found === undefined ? 'make-again' : 'complete', record: recorded };
  if (found !== undefined && !(await isEmptyOfOurs(queries, recorded, wanted, place))) {
    throw refusedTable(place, difference);
  }
  return { is: 'replace' };
}

/** Why the table is none that is wanted, and what to do; undefined: it is. */
function differenceOf(recorded: TableRecord, wanted: WantedTable): string | undefined {
  if (recorded.materialization !== wanted.materialization) return ownedByOther(recorded.materialization);
  const remedy = 'Name another table: it is filled from the start of the sources.';
  if (JSON.stringify(recorded.key) !== JSON.stringify(wanted.key)) {
    return `it was made for the key ${recorded.key.join(', ')}, and the collection's is ${wanted.key.join(', ')}. ${remedy}`;
  }
  if (recorded.isDelta === wanted.isDelta) return undefined;
  const [was, is] = recorded.isDelta ? ['with', 'without'] : ['without', 'with'];
  return `it was made ${was} delta, and is bound ${is} it. ${remedy}`;
}

/** Whether nothing is lost with it. */
async function isEmptyOfOurs(
  queries: Queries,
  recorded: TableRecord,
  wanted: WantedTable,
  place: TablePlace,
): Promise<boolean> {
  if (recorded.materialization !== wanted.materialization || !(await isTableEmpty(queries, recorded))) return false;
  await assertWhole(queries, recorded, place);
  return true;
}
