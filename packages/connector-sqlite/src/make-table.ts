import { pointerPath } from '@aftercommit/models';
import { ConnectorError } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { documentColumn, foldName, freeName, nameProblem, quoteName, showName } from './column-name.js';
import { recordColumn } from './table-layout.js';
import { insertTableRecord, type TableRecord } from './table-record.js';

/**
 * Makes the table and records it: the key's columns, which are its primary key unless every document is appended, and the
 * column of the whole document. Fields get theirs as they appear. No column has a declared type, which would change values:
 * the text "1" stays a text. Throws `ENDPOINT_REFUSED`.
 */
export function makeTable(database: Database.Database, record: TableRecord): void {
  const { name, key, isDelta } = record;
  const keyColumns = keyColumnNames(record);
  const quoted = keyColumns.map(quoteName);
  const primaryKey = isDelta ? '' : `, PRIMARY KEY (${quoted.join(', ')})`;
  const columns = [...quoted, quoteName(documentColumn)].join(', ');
  database.exec(`CREATE TABLE ${quoteName(name)} (${columns}${primaryKey})`);
  insertTableRecord(database, record);
  key.forEach((pointer, index) => {
    recordColumn(database, name, pointer, keyColumns[index] ?? '');
  });
}

/** The names that were given to the key's columns: those of the fields, nested ones with their whole path (`a/b`). */
export function keyColumnNames({ name, key }: TableRecord): string[] {
  const taken = new Set([documentColumn]);
  return key.map((pointer) => {
    const wanted = pointerPath(pointer).join('/');
    const problem = nameProblem(wanted);
    if (problem !== undefined) {
      throw new ConnectorError(
        'ENDPOINT_REFUSED',
        `The table ${showName(name)} cannot have a column for the key ${showName(pointer)}: it must be the JSON pointer ` +
          `of a field that can have a column, and ${problem}. Use another key for the collection`,
      );
    }
    const column = freeName(wanted, taken);
    taken.add(foldName(column));
    return column;
  });
}
