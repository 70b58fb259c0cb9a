import { type Document, isDocument, parseDocument, pointerPath, valueAt } from '@aftercommit/models';
import { ConnectorError, type KeyValue } from '@aftercommit/runtime-adapter';
import { documentColumn, isUnicode, quoteName } from './column-name.js';
import { staysApart, typeOf } from './column-type.js';
import { columnValue } from './column-value.js';
import type { EndpointConnection } from './endpoint-connection.js';
import { quoteTable, showPlace, type TablePlace } from './table-place.js';
import { keyColumns, type TableRecord } from './table-record.js';

type Found = { document: string; position: string };

/** The documents that are there under the keys, each once, found by one statement. Tables that append are not looked at. */
export async function findDocuments(
  connection: EndpointConnection,
  record: TableRecord,
  place: TablePlace,
  keys: ReadonlyArray<readonly KeyValue[]>,
): Promise<Document[]> {
  const possible = record.isDelta ? [] : keys.filter((key) => mayBeThere(record, key));
  if (possible.length === 0) return [];
  const columns = record.key.map((_pointer, index) => possible.map((key) => columnValue(key[index])));
  const rows = await connection.read<Found>('look up documents in', findStatement(record), columns);
  return rows.map(({ document: text, position }) => {
    const document = readDocument(text, place);
    assertKey(document, record, possible[Number(position) - 1] ?? [], place);
    return document;
  });
}

/** A value of another type than the column's is none of its values. A column has no type as long as it has no value. */
function mayBeThere(record: TableRecord, key: readonly KeyValue[]): boolean {
  return keyColumns(record).every(({ type }, index) => {
    const value = key[index];
    const own = typeOf(value);
    if (type === null || own === undefined) return false;
    if (typeof value === 'string' && !isUnicode(value)) return false;
    return own === type || (type === 'numeric' && staysApart(own, type));
  });
}

function findStatement(record: TableRecord): string {
  const keys = keyColumns(record).map(({ name }) => quoteName(name));
  const wanted = keyColumns(record).map(({ type }, index) => `$${index + 1}::${type}[]`);
  const names = wanted.map((_type, index) => `wanted_${index}`);
  const condition = keys.map((key, index) => `stored.${key} = ${names[index]}`).join(' AND ');
  return `SELECT DISTINCT ON (${keys.map((key) => `stored.${key}`).join(', ')})
      stored.${documentColumn}::text AS document, position
    FROM unnest(${wanted.join(', ')}) WITH ORDINALITY AS wanted (${names.join(', ')}, position)
    JOIN ${quoteTable(record)} AS stored ON ${condition}`;
}

/** What stands in `flow_document`. Throws `ENDPOINT_CORRUPT`: what was not parsed stays out of the message. */
function readDocument(text: string, place: TablePlace): Document {
  try {
    const value = parseDocument(text);
    if (isDocument(value)) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw changedRow(place, 'is no JSON object');
}

/** Merged under another key, the document would be lost, and nobody would know. Throws `ENDPOINT_CORRUPT`. */
function assertKey(document: Document, { key }: TableRecord, wanted: readonly KeyValue[], place: TablePlace): void {
  const own = key.map((pointer) => columnValue(valueAt(document, pointerPath(pointer))));
  if (own.every((value, index) => value === columnValue(wanted[index]))) return;
  throw changedRow(place, 'has another key than the row');
}

function changedRow(place: TablePlace, what: string): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_CORRUPT',
    `${showPlace(place)} has a row whose flow_document ${what}: somebody changed it. Correct or delete the row, or restore ` +
      'the database from a copy.',
  );
}
