import { ConnectorError } from '@aftercommit/runtime-adapter';
import { showName } from './column-name.js';

/** A table, whose it should be, and in which file: what every message about it begins with. */
export type TablePlace = { readonly materialization: string; readonly file: string; readonly table: string };

export function showPlace({ materialization, file, table }: TablePlace): string {
  return `${materialization}: the table ${showName(table)} in ${file}`;
}

/** @param reason Why, and what to do: whole sentences, but for the first letter. */
export function refusedTable(place: TablePlace, reason: string): ConnectorError {
  return new ConnectorError('ENDPOINT_REFUSED', `${showPlace(place)} cannot be used: ${reason}`);
}

/**
 * The record, if it is of the materialization. Throws `ENDPOINT_REFUSED` when it is another's, and `ENDPOINT_CORRUPT` when
 * there is none.
 */
export function assertOwned<Owned extends { materialization: string }>(
  place: TablePlace,
  record: Owned | undefined,
): Owned {
  if (record?.materialization === place.materialization) return record;
  if (record !== undefined) throw refusedTable(place, ownedByOther(record.materialization));
  throw new ConnectorError(
    'ENDPOINT_CORRUPT',
    `${showPlace(place)} has no record in aftercommit_table any more. Start again, and restore the file from a copy if ` +
      'that does not help.',
  );
}

export function ownedByOther(owner: string): string {
  return `it belongs to the materialization ${JSON.stringify(owner)}. Name another table.`;
}
