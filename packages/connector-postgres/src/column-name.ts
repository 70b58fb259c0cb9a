/** So many that a row always fits into a page of the table, however long its values are. */
export const maxColumns = 400;

/** The column of the whole document. */
export const documentColumn = 'flow_document';

/** PostgreSQL cuts longer names off. */
const maxNameBytes = 63;

/** Columns that every table has by itself. */
const systemColumns = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];

/** Half of a character, which UTF-8 has no bytes for. */
const loneSurrogate = /\p{Surrogate}/u;

export function isUnicode(text: string): boolean {
  return !loneSurrogate.test(text);
}

/** Why nothing in PostgreSQL can have the name, as the end of a sentence; undefined: it can. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes('\0')) return 'it has a NUL character';
  return isUnicode(name) ? undefined : 'it is no valid Unicode';
}

export function isTooLong(name: string): boolean {
  return Buffer.byteLength(name) > maxNameBytes;
}

/** The name, cut off where it is too long, or the first of `name_2`, `name_3` … that is not taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = cutOff(name, maxNameBytes);
  for (let number = 2; taken.has(free) || systemColumns.includes(free); number += 1) {
    const suffix = `_${number}`;
    free = `${cutOff(name, maxNameBytes - suffix.length)}${suffix}`;
  }
  return free;
}

/** As many whole characters as fit. */
function cutOff(name: string, bytes: number): string {
  if (Buffer.byteLength(name) <= bytes) return name;
  let kept = '';
  let length = 0;
  for (const character of name) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The first of the names in a message, and how many more of the kind there are. */
export function showFirst([first = '', ...others]: readonly string[], kind: string): string {
  if (others.length === 0) return showName(first);
  return `${showName(first)} and ${others.length.toLocaleString('en')} more ${kind}${others.length === 1 ? '' : 's'}`;
}

/** A name in a message: quoted, and not longer than a line. */
export function showName(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
