import type { TextPosition } from './template-error.js';
import { positionAt } from './text-position.js';

/** A comment prints nothing and keeps braces apart. */
const separator = '{{!}}';

const inside = (end: string): string => `(?:"[^"]*"|'[^']*'|\\[[^\\]]*\\]|(?!${end})[^"'[])*`;

/** An expression, with strings and bracketed names in it, right before another closing brace. Comments are none. */
const expressionBeforeBrace = new RegExp(
  `(?<!\\{)(?:\\{{3}(?!\\{)${inside('\\}{3}')}\\}{3}|\\{{2}(?![{!])${inside('\\}{2}')}\\}{2})(?=\\})`,
  'g',
);

/** A template that Handlebars can read, and the way back to the places of the one it was made from. */
export type SeparatedTemplate = {
  text: string;
  /** False: the text is the original, and every place is its own. */
  isSeparated: boolean;
  originalPosition(position: TextPosition): TextPosition;
};

/**
 * Keeps `}}` and `}` apart. A number at the end of a JSON object is written `{"docs": {{docs_total}}}`; Handlebars reads
 * three braces as one sign and refuses, while the system whose templates run here unmodified does not.
 */
export function separateBraces(source: string): SeparatedTemplate {
  const columnsByLine = new Map<number, number[]>();
  const text = source.replace(expressionBeforeBrace, (expression, offset: number) => {
    const { line, column } = positionAt(source, offset + expression.length);
    columnsByLine.set(line, [...(columnsByLine.get(line) ?? []), column]);
    return expression + separator;
  });
  return {
    text,
    isSeparated: columnsByLine.size > 0,
    originalPosition({ line, column }) {
      let original = column;
      for (const separated of columnsByLine.get(line) ?? []) {
        if (original > separated) original = Math.max(separated, original - separator.length);
      }
      return { line, column: original };
    },
  };
}
