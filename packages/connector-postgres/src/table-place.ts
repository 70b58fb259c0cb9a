import { ConnectorError } from '@aftercommit/runtime-adapter';
import { quoteName, showName } from './column-name.js';
import type { EndpointPlace } from './postgres-task.js';

/** The name of a table, with its schema. */
export type TableName = { readonly schema: string; readonly table: string };

/** A table, whose it should be, and in which database: what every message about it begins with. */
export type TablePlace = TableName & { readonly endpoint: EndpointPlace };

export function showPlace({ endpoint: { materialization, database }, ...name }: TablePlace): string {
  return `${materialization}: the table ${showTable(name)} in ${database}`;
}

export function showTable({ schema, table }: TableName): string {
  return `${showName(schema)}.${showName(table)}`;
}

/** The table in a statement. */
export function quoteTable({ schema, table }: TableName): string {
  return `${quoteName(schema)}.${quoteName(table)}`;
}

/** @param reason Why, and what to do: whole sentences, but for the first letter. */
export function refusedTable(place: TablePlace, reason: string): ConnectorError {
  return new ConnectorError('ENDPOINT_REFUSED', `${showPlace(place)} cannot be used: ${reason}`);
}

export function ownedByOther(owner: string): string {
  return `it belongs to the materialization ${JSON.stringify(owner)}. Name another table.`;
}
