import { escapeIdentifier } from 'pg';

/** Bytes of a name: PostgreSQL cuts off what is longer, and two names can become one. */
const longestName = 63;

/** What is wrong with a name, as a sentence. Undefined: nothing. */
export function nameProblem(field: string, name: string): string | undefined {
  if (name === '') return `${field} has an empty name in it.`;
  if (name.includes('{{')) return `${field} has "{{" in it, and is no template. Only payloadTemplate is one.`;
  if (name.includes('\0')) return `${field} has a NUL in it, which no name can have.`;
  return Buffer.byteLength(name) > longestName ? `${field} has a name of more than ${longestName} bytes.` : undefined;
}

/** A name, or a schema and a name. */
export function tableParts(table: string): string[] {
  return table.split('.');
}

/** Names as SQL, which takes them as they are written, upper case included. */
export function quoted(...parts: readonly string[]): string {
  return parts.map((part) => escapeIdentifier(part)).join('.');
}
