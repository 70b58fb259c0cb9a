import { expect, test } from 'vitest';
import { markedText } from './marked-text.js';

test('marks a place, and the end of the text', () => {
  expect(markedText('{"a": b}', { line: 1, column: 7 })).toEqual(['{"a": b}', '      ^']);
  expect(markedText('{\n"a"', { line: 2, column: 4 })).toEqual(['{', '"a"', '   ^']);
  expect(markedText('', { line: 1, column: 1 })).toEqual(['', '^']);
});

test('marks what is behind wide characters', () => {
  expect(markedText('"日本" x', { line: 1, column: 6 })).toEqual(['"日本" x', '       ^']);
});

test('shows of a long line what is around the place', () => {
  const line = `${'a'.repeat(500)}!${'b'.repeat(500)}`;
  const [shown = '', mark = ''] = markedText(line, { line: 1, column: 501 });
  expect(shown).toBe(`…${'a'.repeat(60)}!${'b'.repeat(39)}…`);
  expect(shown.charAt(mark.length - 1)).toBe('!');
  expect(markedText(line, { line: 1, column: 1_002 })).toEqual([`…${'b'.repeat(100)}`, `${' '.repeat(101)}^`]);
  expect(markedText(line, { line: 1, column: 1 })).toEqual([`${'a'.repeat(100)}…`, '^']);
});

test('shows of many lines those around the place', () => {
  const text = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`).join('\n');
  const shown = markedText(text, { line: 20, column: 3 });
  expect(shown).toHaveLength(20);
  expect([shown[0], shown[1], shown[9], shown[10], shown.at(-2), shown.at(-1)]).toEqual([
    '…',
    'line 12',
    'line 20',
    '  ^',
    'line 28',
    '…',
  ]);
});
