import { type DocumentValue, printDocument } from '@aftercommit/models';

/**
 * What is sent for a value: the text that PostgreSQL reads it from, whatever the type of the column. Null: the column is null.
 *
 * PostgreSQL has no room for U+0000 in a text. It becomes `␀0`, and a `␀` that was there before `␀␀`: two texts that differ
 * still do, so that a key is found again. Within JSON it becomes `␀`.
 */
export function columnValue(value: DocumentValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return withoutNul(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  if (typeof value === 'object') return storableJson(printDocument(value));
  return String(value);
}

const nulOrSymbol = /[\0␀]/;

function withoutNul(text: string): string {
  if (!nulOrSymbol.test(text)) return text;
  return text.replace(/[\0␀]/g, (character) => (character === '␀' ? '␀␀' : '␀0'));
}

/** Half of a character becomes U+FFFD, as in a text. Backslashes that stand for one are passed over. */
function storableJson(text: string): string {
  if (!text.includes('\\u')) return text;
  return text.replace(/\\\\|\\u0000|\\u[dD][89a-fA-F]../g, (sequence) => {
    if (sequence === '\\\\') return sequence;
    return sequence === '\\u0000' ? '␀' : '\uFFFD';
  });
}
