import { documentColumn, quoteName, showFirst } from './column-name.js';
import { type DatabaseTable, readTable } from './database-table.js';
import type { Queries } from './endpoint-connection.js';
import type { WarnOnce } from './postgres-task.js';
import { quoteTable, refusedTable, showTable, type TablePlace } from './table-place.js';
import { fieldColumns, keyColumns, type TableRecord } from './table-record.js';

/** Makes the columns of fields again that somebody dropped. Throws `ENDPOINT_REFUSED`. */
export async function completeTable(
  queries: Queries,
  record: TableRecord,
  place: TablePlace,
  warn: WarnOnce,
): Promise<void> {
  const { columns } = await assertWhole(queries, record, place);
  const missing = fieldColumns(record).filter(({ name }) => !columns.has(name));
  if (missing.length === 0) return;
  const additions = missing.map(({ name, type }) => `ADD COLUMN ${quoteName(name)} ${type}`);
  await queries.query(`ALTER TABLE ${quoteTable(record)} ${additions.join(', ')}`);
  const names = missing.map(({ name }) => name);
  warn(
    JSON.stringify([showTable(record), 'columns']),
    `The table ${showTable(record)} lacked the column ${showFirst(names, 'column')}, and has it again: null in the rows ` +
      'that are there, until they are next written. Their flow_document has the value.',
  );
}

/**
 * The table, if it has the columns, the types and the key that every row needs. Throws `ENDPOINT_REFUSED` otherwise: it is
 * none of ours.
 */
export async function assertWhole(queries: Queries, record: TableRecord, place: TablePlace): Promise<DatabaseTable> {
  const table = await readTable(queries, record);
  const changed = record.columns.find(
    ({ name, type }) => table.columns.has(name) && table.columns.get(name) !== (type ?? 'text'),
  );
  if (changed !== undefined) {
    throw refusedTable(
      place,
      `its column ${quoteName(changed.name)} was made as ${changed.type ?? 'text'}, and is ${table.columns.get(changed.name)} ` +
        'now. Change its type back, and add a generated column or a view with the one that is wanted.',
    );
  }
  const keys = keyColumns(record).map(({ name }) => name);
  const hasColumns = keys.every((name) => table.columns.has(name)) && table.columns.get(documentColumn) === 'json';
  const isKeyed = record.isDelta || JSON.stringify(table.primaryKey) === JSON.stringify(keys);
  if (hasColumns && isKeyed) return table;
  throw refusedTable(
    place,
    'it has not the columns or the primary key any more that this connector made. Name another table: it is filled from ' +
      'the start of the sources.',
  );
}
