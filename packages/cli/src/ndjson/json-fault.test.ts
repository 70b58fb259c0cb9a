import { expect, test } from 'vitest';
import { findJsonFault } from './json-fault.js';

test.each([
  ['', 1, 'the line ends too early'],
  ['{', 2, 'the line ends too early'],
  ['{"a":1', 7, 'the line ends too early'],
  ['[1,2', 5, 'the line ends too early'],
  ['{"a":"secret', 6, 'the text that begins there has no end'],
  ['{"a":1,}', 8, 'a comma stands before the end'],
  ['{"a":[1,]}', 9, 'a value is missing'],
  ['{"a":}', 6, 'a value is missing'],
  ['{"a" 1}', 6, 'a colon is missing'],
  ['{"a":1 "b":2}', 8, 'a comma is missing, or the end of the object'],
  ['[1 2]', 4, 'a comma is missing, or the end of the array'],
  ['[1}', 3, 'a comma is missing, or the end of the array'],
  ['{a:1}', 2, 'a field name in double quotes is missing'],
  ["{'a':1}", 2, 'a field name in double quotes is missing'],
  ['{"a":1}{"b":2}', 8, 'a second document begins on the same line'],
  ['{"a":1} x', 9, 'something follows the document'],
  ['{"a":1}}', 8, 'something follows the document'],
  ['{"a":01}', 6, 'a number is malformed'],
  ['{"a":1.}', 6, 'a number is malformed'],
  ['{"a":+1}', 6, 'a number is malformed'],
  ['{"a":NaN}', 6, 'a value is missing'],
  ['{"a":True}', 6, 'a value is missing'],
  ['{"a":1e999}', 6, 'a number is too large'],
  ['{"a":"b\tc"}', 8, 'a control character stands in a text unescaped'],
  ['{"a":"b\\x"}', 8, 'a backslash begins no escape of JSON'],
  ['{"a":"\\u12g4"}', 7, 'a backslash begins no escape of JSON'],
  ['\u{feff}{}', 1, 'a value is missing'],
])('finds what is wrong with %s', (text, column, reason) => {
  expect(findJsonFault(text)).toEqual({ column, reason });
});

test.each([
  '{}',
  '[]',
  ' {"a" : [ 1 , -0.5e-3 , true , false , null , "x\\u00e9\\n\\"" , {} , [ ] ] } ',
  '"text"',
  '12345678901234567890',
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
])('finds nothing wrong with JSON: %#', (text) => {
  expect(findJsonFault(text)).toBeUndefined();
});

test('agrees with the engine about every text that a change of one character gives', () => {
  const text = '{"a":[1,-2.5e3,true],"b":{"c":null,"d":"x\\n\\u00e9"}}';
  const replacements = ['', '"', ',', ':', '{', '}', '[', ']', '1', '-', '.', 'e', '\\', ' ', '\t', 'n'];
  const texts = Array.from(text).flatMap((_, at) =>
    replacements.map((by) => text.slice(0, at) + by + text.slice(at + 1)),
  );
  const disagreed = texts.filter((changed) => isJson(changed) !== (findJsonFault(changed) === undefined));
  expect(disagreed).toEqual([]);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
