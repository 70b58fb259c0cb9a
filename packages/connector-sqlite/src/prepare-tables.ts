import { ConnectorError } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { documentColumn, foldName, nameProblem, quoteName, showName } from './column-name.js';
import { makeTable } from './make-table.js';
import type { SqliteTask } from './sqlite-task.js';
import { isTableStaged, stagedTables } from './staging.js';
import { isSameName, layoutOf } from './table-layout.js';
import { columnsInFile, findInFile, findTableRecord, removeTableRecord, type TableRecord } from './table-record.js';

/** Makes or checks the table of every binding. Throws `ENDPOINT_REFUSED`. Returns their names, by binding. */
export function prepareTables(database: Database.Database, task: SqliteTask): string[] {
  const wanted = task.bindings.map(({ key, resource }) => ({
    name: resource.table,
    materialization: task.materialization,
    key,
    isDelta: resource.delta ?? false,
  }));
  wanted.forEach((record, index) => {
    assertNameUsable(record.name);
    if (wanted.slice(0, index).some(({ name }) => isSameName(name, record.name))) {
      throw refused(record.name, 'two bindings have it (the case of letters does not count). Give each one of its own');
    }
  });
  return wanted.map((record) => prepareTable(database, record));
}

export function isTableEmpty(database: Database.Database, table: string): boolean {
  return database.prepare(`SELECT 1 FROM ${quoteName(table)} LIMIT 1`).get() === undefined;
}

/** Makes the tables again that somebody dropped while documents wait for them, also where no binding has them any more. */
export function restoreStagedTables(database: Database.Database, materialization: string): void {
  for (const name of stagedTables(database, materialization)) {
    const record = findTableRecord(database, name);
    if (record === undefined || findInFile(database, name) !== undefined) continue;
    removeTableRecord(database, name);
    makeTable(database, record);
  }
}

function prepareTable(database: Database.Database, wanted: TableRecord): string {
  const recorded = findTableRecord(database, wanted.name);
  const found = findInFile(database, wanted.name);
  if (found === undefined) {
    if (recorded !== undefined) forgetDropped(database, recorded, wanted);
    makeTable(database, wanted);
    return wanted.name;
  }
  if (recorded === undefined) {
    throw refused(
      wanted.name,
      `${article(found)} of this name is there, which was not made by this connector. Name another table`,
    );
  }
  assertSame(recorded, wanted);
  restoreColumns(database, recorded);
  return recorded.name;
}

/** A table that is gone has no shape any more, unless documents wait for it. */
function forgetDropped(database: Database.Database, recorded: TableRecord, wanted: TableRecord): void {
  if (isTableStaged(database, recorded.name)) assertSame(recorded, wanted);
  removeTableRecord(database, recorded.name);
}

function assertSame(recorded: TableRecord, wanted: TableRecord): void {
  if (recorded.materialization !== wanted.materialization) {
    throw refused(
      wanted.name,
      `it belongs to the materialization ${JSON.stringify(recorded.materialization)}. Name another table`,
    );
  }
  const remedy = 'Name another table; or drop this one and begin again from the start of the sources';
  if (JSON.stringify(recorded.key) !== JSON.stringify(wanted.key)) {
    throw refused(
      wanted.name,
      `it was made for the key ${recorded.key.join(', ')}, and the collection's is ${wanted.key.join(', ')}. ${remedy}`,
    );
  }
  if (recorded.isDelta !== wanted.isDelta) {
    const [was, is] = recorded.isDelta ? ['with', 'without'] : ['without', 'with'];
    throw refused(wanted.name, `it was made ${was} delta, and is bound ${is} it. ${remedy}`);
  }
}

/** What was dropped of a field's column is made again; without the columns that every row needs it is no table of ours. */
function restoreColumns(database: Database.Database, recorded: TableRecord): void {
  const layout = layoutOf(database, recorded.name);
  const columns = columnsInFile(database, recorded.name);
  const names = new Set(columns.map(({ name }) => foldName(name)));
  const primaryKey = columns
    .filter(({ pk }) => pk > 0)
    .sort((left, right) => left.pk - right.pk)
    .map(({ name }) => name);
  const keyColumns = layout.keyColumns;
  const isWhole = [...keyColumns, documentColumn].every((name) => names.has(foldName(name)));
  const isKeyed = recorded.isDelta || JSON.stringify(primaryKey) === JSON.stringify(keyColumns);
  if (!isWhole || !isKeyed) {
    throw refused(
      recorded.name,
      'it has not the columns or the primary key any more that this connector made. Name another table; or drop this ' +
        'one and begin again from the start of the sources',
    );
  }
  for (const column of layout.fieldColumns.values()) {
    if (names.has(foldName(column))) continue;
    database.exec(`ALTER TABLE ${quoteName(recorded.name)} ADD COLUMN ${quoteName(column)}`);
  }
}

function assertNameUsable(name: string): void {
  const problem = nameProblem(name);
  if (problem !== undefined) throw refused(name, `as a name, ${problem}. Name another table`);
  if (/^(aftercommit|sqlite)_/i.test(name)) {
    throw refused(name, 'names that begin with aftercommit_ or sqlite_ are taken. Name another table');
  }
}

function article(kind: string): string {
  return kind === 'index' ? 'an index' : `a ${kind}`;
}

function refused(table: string, reason: string): ConnectorError {
  return new ConnectorError('ENDPOINT_REFUSED', `The table ${showName(table)} cannot be used: ${reason}`);
}
