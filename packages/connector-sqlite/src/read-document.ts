import { type Document, isDocument, parseDocument } from '@aftercommit/models';
import { ConnectorError } from '@aftercommit/runtime-adapter';
import { showPlace, type TablePlace } from './table-place.js';

/** What stands in `flow_document`. Throws `ENDPOINT_CORRUPT`. */
export function readDocument(text: unknown, place: TablePlace): Document {
  try {
    const value = typeof text === 'string' ? parseDocument(text) : null;
    if (isDocument(value)) return value;
  } catch (cause) {
    // What was not parsed is document data: it stays out of the message, and so out of the cause.
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new ConnectorError(
    'ENDPOINT_CORRUPT',
    `${showPlace(place)} has a row whose flow_document is no JSON object: somebody changed it. Correct or delete the row, ` +
      'or restore the file from a copy.',
  );
}
