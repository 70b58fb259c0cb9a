import { crc32 } from 'node:zlib';

/** One durable step of a database: all of it is there, or nothing. */
export type JournalEntry =
  | { does: 'open'; task: string; owner: string; epoch: string }
  /** Changes are keys with the text of their value; null removes the key. */
  | { does: 'write'; task: string; owner: string; epoch: string; changes: Array<[key: string, text: string | null]> }
  | { does: 'message'; task: string; text: string };

/** A line that can be told from one that is torn. */
export function journalLine(entry: JournalEntry): string {
  const text = JSON.stringify(entry);
  return `${checksum(text)} ${text}\n`;
}

/** The entries in front of the first line that is torn, with where each ends. */
export function* journalEntries(contents: string): Generator<{ entry: JournalEntry; end: number }> {
  let start = 0;
  for (;;) {
    const end = contents.indexOf('\n', start) + 1;
    if (end === 0) return;
    const line = contents.slice(start, end - 1);
    const text = line.slice(9);
    if (line.slice(0, 8) !== checksum(text)) return;
    yield { entry: JSON.parse(text) as JournalEntry, end };
    start = end;
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
