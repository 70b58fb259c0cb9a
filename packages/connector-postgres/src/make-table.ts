import { pointerPath } from '@aftercommit/models';
import { documentColumn, freeName, nameProblem, quoteName, showName } from './column-name.js';
import type { Queries } from './endpoint-connection.js';
import { quoteTable, refusedTable, type TablePlace } from './table-place.js';
import { type Column, insertTableRecord, keyColumns, type TableRecord, type WantedTable } from './table-record.js';

/**
 * Makes the table and records it: the key's columns, which are its primary key unless every document is appended, and the
 * column of the whole document. Fields get theirs as they appear. Throws `ENDPOINT_REFUSED`.
 */
export async function makeTable(queries: Queries, wanted: WantedTable, place: TablePlace): Promise<void> {
  const record = { ...wanted, columns: columnsOfKey(wanted, place) };
  await insertTableRecord(queries, place.endpoint, record);
  await createTable(queries, record);
}

/**
 * Makes the table in the database, also one that was dropped, with every column that it had. What type the key has is known
 * with the first document; until then it is a text.
 */
export async function createTable({ query }: Queries, record: TableRecord): Promise<void> {
  const columns = [`${documentColumn} json NOT NULL`, ...record.columns.slice(record.key.length).map(definition)];
  const keys = keyColumns(record);
  const primaryKey = record.isDelta ? [] : [`PRIMARY KEY (${keys.map(({ name }) => quoteName(name)).join(', ')})`];
  await query(
    `CREATE TABLE ${quoteTable(record)} (${[...keys.map(definition), ...columns, ...primaryKey].join(', ')})`,
  );
}

function definition({ name, type }: Column): string {
  return `${quoteName(name)} ${type ?? 'text'}`;
}

/** The columns of the key are called like the fields, nested ones with their whole path (`a/b`). */
function columnsOfKey({ key }: WantedTable, place: TablePlace): Column[] {
  const taken = new Set([documentColumn]);
  return key.map((pointer) => {
    const wanted = pointerPath(pointer).join('/');
    const problem = nameProblem(wanted);
    if (problem !== undefined) {
      throw refusedTable(
        place,
        `it can have no column for the key ${showName(pointer)}, which must be the JSON pointer of a field that can have ` +
          `a column, and ${problem}. Use another key for the collection.`,
      );
    }
    const name = freeName(wanted, taken);
    taken.add(name);
    return { pointer, name, type: null };
  });
}
