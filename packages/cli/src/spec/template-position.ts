import type { ConfigIssue } from '@aftercommit/models';
import type { Scalar } from 'yaml';
import type { TextPosition } from './spec-issue.js';

/** How the check of a template says where in it something is. */
const placeInTemplate = /^payloadTemplate, line (\d+), column (\d+): /;

/** Where in a template an issue is: lines and columns of the template; undefined: it is about none. */
export function placeInTemplateOf({ code, message }: ConfigIssue): TextPosition | undefined {
  const [, line, column] = (code === 'CONFIG_TEMPLATE_INVALID' && placeInTemplate.exec(message)) || [];
  return line === undefined || column === undefined ? undefined : { line: Number(line), column: Number(column) };
}

/**
 * Where in the file a place of a text stands. Undefined: the text is written with escapes or folded, so that its places are
 * not those of the file.
 *
 * @param start Where the node begins.
 */
export function placeInFile(
  node: Scalar<string>,
  place: TextPosition,
  start: TextPosition,
  file: string,
): TextPosition | undefined {
  if (node.type === 'BLOCK_LITERAL') return inBlock(node.value, place, start, file.split('\n'));
  if (place.line !== 1 || !node.range) return undefined;
  const written = file.slice(node.range[0], node.range[1]);
  const quote = node.type === 'PLAIN' ? 0 : 1;
  if (written.slice(quote, written.length - quote) !== node.value) return undefined;
  return { line: start.line, column: start.column + quote + place.column - 1 };
}

/** After `|` each line of the text is a line of the file, indented. */
function inBlock(
  text: string,
  place: TextPosition,
  start: TextPosition,
  fileLines: string[],
): TextPosition | undefined {
  const written = text.replace(/\n+$/, '');
  // Nothing of it is written: it is where it would begin.
  if (written === '') return undefined;
  const lines = written.split('\n');
  const number = Math.min(place.line, lines.length);
  const line = lines[number - 1] ?? '';
  // The end of the text is the end of its last line.
  const column = place.line > lines.length ? line.length + 1 : place.column;
  const fileLine = (fileLines[start.line - 1 + number] ?? '').replace(/\r$/, '');
  if (!fileLine.endsWith(line)) return undefined;
  return { line: start.line + number, column: fileLine.length - line.length + column };
}
