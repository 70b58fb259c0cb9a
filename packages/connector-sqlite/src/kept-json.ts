import type { Json } from '@aftercommit/models';
import { ConnectorError } from '@aftercommit/runtime-adapter';

/**
 * JSON that this connector wrote itself. Throws `ENDPOINT_CORRUPT`, without the text: there may be document data in it.
 *
 * @param place Whose it is, in which file, and what it says.
 */
export function parseKept(text: string, place: { materialization: string; file: string; what: string }): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ConnectorError(
      'ENDPOINT_CORRUPT',
      `${place.materialization}: the file ${place.file} is damaged: ${place.what} cannot be read. Restore it from a copy.`,
    );
  }
}
