import { printDocument } from '@aftercommit/models';
import { documentColumn, quoteName } from './column-name.js';
import { columnValue } from './column-value.js';
import type { Queries } from './endpoint-connection.js';
import type { StoredRow } from './stored-row.js';
import { quoteTable } from './table-place.js';
import { fieldColumns, fieldOf, keyColumns, type TableRecord } from './table-record.js';

/** Rows of one statement at most. */
const maxRows = 2_000;
/** Documents of one statement at most, in UTF-16 code units, unless a single one is larger. */
const maxLength = 4 * 1024 * 1024;

/** Writes the rows, for which the table has every column. An update replaces the whole row: what the document lacks becomes null. */
export async function writeRows({ query }: Queries, record: TableRecord, rows: readonly StoredRow[]): Promise<void> {
  const statement = writeStatement(record);
  const fields = fieldColumns(record).map(({ pointer }) => fieldOf(pointer));
  for (let index = 0; index < rows.length; ) {
    const columns: Array<Array<string | null>> = [...record.key, documentColumn, ...fields].map(() => []);
    let length = 0;
    for (let count = 0; index < rows.length && count < maxRows && length < maxLength; count += 1, index += 1) {
      const row = rows[index];
      if (row !== undefined) length += addRow(columns, row, fields);
    }
    await query(statement, columns);
  }
}

/** Returns the length of the document. */
function addRow(columns: Array<Array<string | null>>, { key, document }: StoredRow, fields: readonly string[]): number {
  let column = 0;
  const add = (value: string | null): void => {
    columns[column]?.push(value);
    column += 1;
  };
  for (const value of key) add(columnValue(value));
  const text = printDocument(document);
  add(text);
  for (const field of fields) add(Object.hasOwn(document, field) ? columnValue(document[field]) : null);
  return text.length;
}

/** One parameter for each column, with its values in the order of the rows. */
function writeStatement(record: TableRecord): string {
  const keys = keyColumns(record).map(({ name, type }) => ({ name: quoteName(name), type: type ?? 'text' }));
  const others = [
    { name: documentColumn, type: 'json' },
    ...fieldColumns(record).map(({ name, type }) => ({ name: quoteName(name), type: type ?? 'text' })),
  ];
  const columns = [...keys, ...others];
  const insert = `INSERT INTO ${quoteTable(record)} (${columns.map(({ name }) => name).join(', ')})
    SELECT * FROM unnest(${columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')})`;
  if (record.isDelta) return insert;
  const assignments = others.map(({ name }) => `${name} = excluded.${name}`).join(', ');
  return `${insert} ON CONFLICT (${keys.map(({ name }) => name).join(', ')}) DO UPDATE SET ${assignments}`;
}
