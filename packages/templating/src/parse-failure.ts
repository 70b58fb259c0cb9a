import type { TextPosition } from './template-error.js';
import { offsetOfLine, positionAt } from './text-position.js';

/** What a token of Handlebars' grammar looks like in a template. Tokens that are not here are named as the grammar names them. */
const tokenTexts: Readonly<Record<string, string>> = {
  BOOLEAN: 'a boolean',
  CLOSE: '}}',
  CLOSE_RAW_BLOCK: '}}}}',
  CLOSE_SEXPR: ')',
  CLOSE_UNESCAPED: '}}}',
  CLOSE_BLOCK_PARAMS: '|',
  CONTENT: 'text',
  DATA: '@',
  EQUALS: '=',
  ID: 'a name',
  INVERSE: '{{else}}',
  NUMBER: 'a number',
  OPEN: '{{',
  OPEN_BLOCK: '{{#',
  OPEN_BLOCK_PARAMS: 'as |',
  OPEN_ENDBLOCK: '{{/',
  OPEN_INVERSE_CHAIN: '{{else',
  OPEN_SEXPR: '(',
  SEP: '.',
  STRING: 'a string',
};

/** Turns what Handlebars' parser threw into one sentence and a place. */
export function describeParseFailure(source: string, error: unknown): TextPosition & { message: string } {
  const text = error instanceof Error ? error.message : String(error);
  const [headline = '', excerpt = '', pointer = ''] = text.split('\n');
  const line = /on line (\d+)/.exec(headline)?.[1];
  if (line === undefined) return describeRefusal(text, error);
  const position = locate(source, Number(line), excerpt, pointer.indexOf('^'));
  return { ...position, message: describeToken(/got '([^']*)'\s*$/.exec(text)?.[1], characterAt(source, position)) };
}

// Failures found after the grammar matched carry their place as fields, and once more at the end of the message.
function describeRefusal(text: string, error: unknown): TextPosition & { message: string } {
  const { lineNumber, column } = error as { lineNumber?: number; column?: number };
  const reason = text.replace(/ - \d+:\d+$/, '');
  const closing = /^(.*) doesn't match (.*)$/.exec(reason);
  const message =
    closing === null
      ? `Handlebars cannot read the template: ${reason}.`
      : `The block {{#${closing[1]}}} is closed by {{/${closing[2]}}}: write {{/${closing[1]}}}.`;
  return { line: lineNumber ?? 1, column: (column ?? 0) + 1, message };
}

function characterAt(source: string, { line, column }: TextPosition): string {
  return source.charAt(offsetOfLine(source, line) + column - 1);
}

function describeToken(token: string | undefined, character: string): string {
  if (token === 'EOF')
    return 'The template ends inside a block or an expression: close it, for example with {{/each}} or }}.';
  if (token === undefined || token === 'INVALID') {
    if (character === '}')
      return 'An expression ends with "}}" (or "}}}" if it begins with "{{{"): one is missing here.';
    if (/[<>!&+*]/.test(character)) return noOperator(character);
    return 'Handlebars cannot read the template from here on.';
  }
  if (token === 'OPEN_ENDBLOCK') return 'This closes a block that is not open: remove it, or open the block before it.';
  if (token === 'INVERSE' || token === 'OPEN_INVERSE_CHAIN')
    return '{{else}} stands outside a block: it belongs inside {{#if}}, {{#unless}}, {{#each}} or {{#with}}.';
  if (token === 'EQUALS') return noOperator(character);
  return `Handlebars did not expect ${tokenTexts[token] ?? token} here.`;
}

function noOperator(character: string): string {
  return `There is no operator "${character}" in templates: write (gt a b), (eq a b), (and a b) and so on.`;
}

// The parser tells the line and an excerpt: up to 20 characters before the place and 20 behind it, both without line breaks.
function locate(source: string, line: number, excerpt: string, pointer: number): TextPosition {
  const before = excerpt.slice(0, pointer).replace(/^\.\.\./, '');
  const after = excerpt.slice(pointer).replace(/\.\.\.$/, '');
  const lineStart = offsetOfLine(source, line);
  const lineEnd = offsetOfLine(source, line + 1);
  for (let offset = lineStart; offset <= lineEnd; offset += 1) {
    const precedes = source.slice(Math.max(0, offset - 20), offset).replaceAll('\n', '');
    const follows = source.slice(offset, offset + 40).replaceAll('\n', '');
    if (precedes === before && follows.startsWith(after)) return positionAt(source, offset);
  }
  return { line, column: 1 };
}
