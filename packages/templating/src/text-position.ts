import type { TextPosition } from './template-error.js';

/** The place of an offset, in UTF-16 code units, in a text. */
export function positionAt(text: string, offset: number): TextPosition {
  return advance({ line: 1, column: 1 }, text.slice(0, offset));
}

/** The place behind a text that begins at `start`. */
export function advance(start: TextPosition, passed: string): TextPosition {
  const lastBreak = passed.lastIndexOf('\n');
  if (lastBreak === -1) return { line: start.line, column: start.column + passed.length };
  return { line: start.line + passed.split('\n').length - 1, column: passed.length - lastBreak };
}

/** The offset at which a line begins, counted from 1; the length of the text when it has fewer lines. */
export function offsetOfLine(text: string, line: number): number {
  let offset = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const lineBreak = text.indexOf('\n', offset);
    if (lineBreak === -1) return text.length;
    offset = lineBreak + 1;
  }
  return offset;
}
