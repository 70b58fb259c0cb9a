import { expect, it } from 'vitest';
import { toOrdered } from './ordered-value.js';
import { writeDocument } from './write-document.js';

const write = (value: unknown, format: 'json' | 'yaml') => writeDocument(toOrdered(value, 'it'), format);

it('YAML is laid out as sops does it', () => {
  const value = {
    config: { a: { url: 'plain', list: [{ b: 1, c: [] }, [2, {}], 'x'] } },
    empty: {},
    none: null,
    on: true,
  };
  expect(write(value, 'yaml')).toBe(
    'config:\n    a:\n        url: plain\n        list:\n            -   b: 1\n                c: []\n            -   - 2\n                - {}\n            - x\nempty: {}\nnone: null\n"on": true\n',
  );
});

it.each([
  '',
  'yes',
  'No',
  'null',
  '~',
  '1',
  '1e3',
  '0x1F',
  '.5',
  '12:30',
  '2024-01-01',
  '<<',
  '=',
  '- a',
  'a: b',
  '#',
  ' a',
  'a ',
  '*a',
  'nan',
  'y',
])('the text %j is in quotes in YAML, so that no reader takes it for something else', (text) => {
  expect(write({ a: text }, 'yaml')).toBe(`a: ${JSON.stringify(text)}\n`);
  expect(write({ [text]: 'a' }, 'yaml')).toBe(`${JSON.stringify(text)}: a\n`);
});

it('what YAML 1.1 takes for a line break, or does not allow, is escaped', () => {
  expect(write({ a: '\u2028\u2029\u0085\ufeff\u007f\u00a0\uffff\u0007é😀' }, 'yaml')).toBe(
    'a: "\\u2028\\u2029\\u0085\\ufeff\\u007f\\u00a0\\uffff\\u0007é😀"\n',
  );
});

it.each(['json', 'yaml'] as const)(
  'numbers are written so that every release takes them for the same, as %s',
  (format) => {
    const numbers = [0, -0, 42, -1.25, 1e21, 2 ** 60, 1e-7, 9007199254740993n];
    const texts = write({ a: numbers }, format).match(/-?\d[\de.+-]*/g);
    expect(texts).toEqual(['0', '0', '42', '-1.25', '1e+21', '1.152921504606847e+18', '1e-7', '9007199254740993']);
  },
);
