import { expect, test } from 'vitest';
import { parseDocument, printDocument } from './document.js';

test.each([
  ['{"id":9007199254740991}', { id: 9007199254740991 }],
  ['{"id":9007199254740993}', { id: 9007199254740993n }],
  ['{"id":-9007199254740993}', { id: -9007199254740993n }],
  ['{"id":12345678901234567890123}', { id: 12345678901234567890123n }],
  ['[1.5,1e20,-0.1]', [1.5, 1e20, -0.1]],
  ['{"text":"12345678901234567890"}', { text: '12345678901234567890' }],
  ['{"a":{"b":[9007199254740993,null,true]}}', { a: { b: [9007199254740993n, null, true] } }],
])('reads %s exactly', (text, value) => {
  expect(parseDocument(text)).toEqual(value);
});

test('prints integers as they were read', () => {
  const text = '{"id":9007199254740993,"nested":[{"big":-12345678901234567890}],"text":"é\\ud800"}';
  expect(printDocument(parseDocument(text))).toBe(text);
});

test('takes the last value of a field that is given twice, with and without large integers', () => {
  expect(parseDocument('{"a":1,"a":2}')).toEqual({ a: 2 });
  expect(parseDocument('{"a":1,"a":9007199254740993}')).toEqual({ a: 9007199254740993n });
});

test('takes __proto__ for a field', () => {
  for (const text of ['{"__proto__":{"x":1}}', '{"__proto__":{"x":9007199254740993}}']) {
    const value = parseDocument(text);
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(printDocument(value)).toBe(text);
  }
});

test.each(['{"a":1e999}', '{"a":-1E+400}', `{"a":1${'0'.repeat(400)}.5}`])(
  'refuses a number that is none: %s',
  (text) => {
    expect(() => parseDocument(text)).toThrow(SyntaxError);
  },
);

test.each(['', '{', '{"a":1,}', '{"id":9007199254740993,}', 'NaN', '01'])('refuses what is not JSON: %s', (text) => {
  expect(() => parseDocument(text)).toThrow(SyntaxError);
});
