import type { YAMLError } from 'yaml';

/**
 * Says of a line that is indented less than the first field of the file why it does not belong there: one space in front of
 * that field makes all of the rest wrong. Undefined: something else is wrong.
 */
export function outerIndentationProblem({ code, pos: [offset] }: YAMLError, text: string): string | undefined {
  if (code !== 'UNEXPECTED_TOKEN') return undefined;
  const lines = text.split('\n');
  const first = lines.findIndex((line) => !/^\s*(?:[#%]|---|$)/.test(line));
  // Inside of brackets indentation means nothing.
  const indentation = /^ *(?![ {[])/.exec(lines[first] ?? '')?.[0].length ?? 0;
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (before.trim() !== '' || before.length >= indentation) return undefined;
  return `This line is indented less than the first field of the file, in line ${first + 1}. Indent the fields of one mapping alike.`;
}
