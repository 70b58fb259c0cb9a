import { expect, test } from 'vitest';
import { parseDocument, printDocument } from './document.js';

test.each([
  ['{"id":9007199254740991}', { id: 9007199254740991 }],
  ['{"id":9007199254740993}', { id: 9007199254740993n }],
  ['{"id":-9007199254740993}', { id: -9007199254740993n }],
  ['{"id":12345678901234567890123}', { id: 12345678901234567890123n }],
  ['[1.5,1e20,-0.1]', [1.5, 1e20, -0.1]],
  ['[9007199254740992.0,9007199254740993.0]', [9007199254740992, 9007199254740993n]],
  ['[9.007199254740995e15,-90071992547409930.0e-1]', [9007199254740995n, -9007199254740993n]],
  [
    '[9007199254740993.5,1e23,6.02214076e23,1.7976931348623157e308]',
    [9007199254740994, 1e23, 6.02214076e23, Number.MAX_VALUE],
  ],
  ['[0.30000000000000004,12345678.901234567]', [0.30000000000000004, 12345678.901234567]],
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

test.each([2 ** 60, -(2 ** 60), 1e17, 1.5e300, 2 ** 53, 0.1, 1e-7, -0])(
  'prints the double %d so that it is read as the same',
  (value) => {
    expect(parseDocument(printDocument([value, { value }]))).toEqual([
      value === 0 ? 0 : value,
      { value: value === 0 ? 0 : value },
    ]);
  },
);

test('refuses what is nested too deep, and counts no bracket of a text', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  expect(() => parseDocument(nested(1_001))).toThrow('nested more than 1000 levels deep');
  expect(() => parseDocument(`{"a":${nested(1_000)}}`)).toThrow(SyntaxError);
  expect(printDocument(parseDocument(nested(1_000)))).toBe(nested(1_000));
  const text = JSON.stringify({ a: `\\"${'['.repeat(3_000)}` });
  expect(printDocument(parseDocument(text))).toBe(text);
});
