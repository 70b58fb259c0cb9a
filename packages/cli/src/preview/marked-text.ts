import { textWidth } from '../terminal/text-width.js';

/** Lines before and behind the marked one: more of a long text nobody needs to see what is wrong. */
const linesAround = 8;
/** Of a line that is longer, what is around the mark is shown. */
const longestLine = 100;
/** How much of it stands before the mark. */
const before = 60;

/**
 * A text with a mark below a place of it: `^`. Other control characters than line ends are to be taken out before, one for one.
 *
 * @param place Lines and columns (in UTF-16 code units) are counted from 1. The place behind the last character is one, too.
 */
export function markedText(text: string, place: { line: number; column: number }): string[] {
  const marked = place.line - 1;
  const lines = withoutEmptyEnd(text.split('\n'), marked);
  const first = Math.max(0, marked - linesAround);
  const end = Math.min(lines.length, marked + linesAround + 1);
  const shown = lines.slice(first, end).flatMap((line, index) => {
    if (first + index !== marked) return [cut(line, 0)];
    const offset = place.column - 1;
    const from = line.length <= longestLine ? 0 : Math.max(0, Math.min(offset - before, line.length - longestLine));
    const lead = (from > 0 ? '…' : '') + line.slice(from, offset);
    return [cut(line, from), `${' '.repeat(textWidth(lead))}^`];
  });
  return [...(first > 0 ? ['…'] : []), ...shown, ...(end < lines.length ? ['…'] : [])];
}

function withoutEmptyEnd(lines: readonly string[], marked: number): readonly string[] {
  const last = lines.findLastIndex((line, index) => line !== '' || index <= marked);
  return lines.slice(0, last + 1);
}

function cut(line: string, from: number): string {
  const to = from + longestLine;
  return `${from > 0 ? '…' : ''}${line.slice(from, to)}${to < line.length ? '…' : ''}`;
}
