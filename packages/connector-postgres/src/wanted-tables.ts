import { isTooLong, nameProblem } from './column-name.js';
import type { EndpointPlace, PostgresTask } from './postgres-task.js';
import { refusedTable, showTable, type TablePlace } from './table-place.js';
import type { WantedTable } from './table-record.js';

/** The tables of the bindings, by binding, as they are to be. Throws `ENDPOINT_REFUSED` for names that cannot be. */
export function wantedTables({ bindings }: PostgresTask, endpoint: EndpointPlace): WantedTable[] {
  const names = new Set<string>();
  return bindings.map(({ key, resource: { table, schema = endpoint.schema, delta = false } }) => {
    const place = { schema, table, endpoint };
    assertNameUsable(place);
    const name = showTable(place);
    if (names.has(name)) throw refusedTable(place, 'two bindings have it. Give each one of its own.');
    names.add(name);
    return { schema, table, materialization: endpoint.materialization, key, isDelta: delta };
  });
}

function assertNameUsable(place: TablePlace): void {
  for (const name of [place.schema, place.table]) {
    const problem = nameProblem(name) ?? (isTooLong(name) ? 'it is longer than 63 bytes' : undefined);
    if (problem !== undefined) throw refusedTable(place, `of its name, ${problem}. Name another table.`);
  }
  if (place.table.startsWith('aftercommit_')) {
    throw refusedTable(place, 'names that begin with aftercommit_ are taken. Name another table.');
  }
}
