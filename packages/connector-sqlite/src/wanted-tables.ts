import { foldName, nameProblem } from './column-name.js';
import type { SqliteTask } from './sqlite-task.js';
import { refusedTable, type TablePlace } from './table-place.js';
import type { TableRecord } from './table-record.js';

/** The tables of the bindings, by binding, as they are to be. Throws `ENDPOINT_REFUSED` for names that cannot be. */
export function wantedTables({ materialization, bindings }: SqliteTask, file: string): TableRecord[] {
  const names = new Set<string>();
  return bindings.map(({ key, resource: { table, delta = false } }) => {
    const place = { materialization, file, table };
    assertNameUsable(place);
    if (names.has(foldName(table))) {
      throw refusedTable(place, 'two bindings have it (the case of letters does not count). Give each one of its own.');
    }
    names.add(foldName(table));
    return { name: table, materialization, key, isDelta: delta };
  });
}

function assertNameUsable(place: TablePlace): void {
  const problem = nameProblem(place.table);
  if (problem !== undefined) throw refusedTable(place, `as a name, ${problem}. Name another table.`);
  if (/^(aftercommit|sqlite)_/i.test(place.table)) {
    throw refusedTable(place, 'names that begin with aftercommit_ or sqlite_ are taken. Name another table.');
  }
}
