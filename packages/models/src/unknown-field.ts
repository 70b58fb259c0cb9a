import { listNames } from './list-names.js';
import { nearestName } from './nearest-name.js';

/** What is said of a field that is unknown: the known one that is near, or else all known ones. */
export function unknownField(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  const list = near === '' && known.length > 0 ? ` Known: ${listNames(known)}.` : '';
  return `There is no field "${name}"${near}.${list}`;
}
