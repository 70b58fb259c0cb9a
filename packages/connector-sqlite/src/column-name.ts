/** SQLite would allow 2,000, and wide rows are slow long before. */
export const maxColumns = 1000;

/** The column of the whole document. */
export const documentColumn = 'flow_document';

/** Half of a character, which UTF-8 has no bytes for: what is bound is read back as U+FFFD. */
const loneSurrogate = /\p{Surrogate}/u;

export function isKeepableText(text: string): boolean {
  return !loneSurrogate.test(text);
}

/** Why nothing in SQLite can have the name, as the end of a sentence; undefined: it can. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes('\0')) return 'it has a NUL character';
  return isKeepableText(name) ? undefined : 'it is no valid Unicode';
}

/** Equal for names that are one to SQLite: it ignores the case of ASCII letters. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The name, or the first of `name_2`, `name_3` … that is not taken. `taken` holds folded names. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(foldName(free)); number += 1) free = `${name}_${number}`;
  return free;
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
