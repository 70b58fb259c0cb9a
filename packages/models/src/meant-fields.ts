import type { Json, JsonObject } from './json.js';
import { jsonPointer, pointerPath } from './json-pointer.js';
import { misspeltName } from './nearest-name.js';

/** Fields under the names that were most likely meant. */
export type MeantFields = {
  /** In their order. */
  fields: JsonObject;
  /** From the name that is meant to the one that is written, of those that are misspelt. */
  written: ReadonlyMap<string, string>;
};

/**
 * Takes each misspelt field for the known one that is meant, where that is not there itself. So that what is in it is looked at,
 * and nobody is told that it is missing. That it is misspelt is for the caller to say.
 */
export function meantFields(given: JsonObject, known: readonly string[]): MeantFields {
  const free = known.filter((name) => !Object.hasOwn(given, name));
  const written = new Map<string, string>();
  const fields = Object.entries(given).map(([name, value]): [string, Json] => {
    const meant = known.includes(name) ? undefined : misspeltName(name, free);
    if (meant === undefined || written.has(meant)) return [name, value];
    written.set(meant, name);
    return [meant, value];
  });
  return { fields: Object.fromEntries(fields), written };
}

/** The pointer to what a field is written as. Its first part names one of the fields; `''` points to all of them. */
export function pointerAsWritten(pointer: string, written: MeantFields['written']): string {
  const [name, ...inner] = pointerPath(pointer);
  const other = name === undefined ? undefined : written.get(name);
  return other === undefined ? pointer : jsonPointer([other, ...inner]);
}
