import { seededRandom } from '@aftercommit/testkit';
import { expect, test } from 'vitest';
import { type DocumentValue, parseDocument, printDocument } from './document.js';
import { parseExactly } from './parse-exactly.js';

const seeds = Array.from({ length: 8 }, (_, seed) => seed);

/** Texts of JSON, of all sorts, and some that are cut off, with numbers around every limit of what `JSON.parse` keeps. */
function textsOf(seed: number) {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random.fraction() * limit);
  const oneOf = <Value>(values: readonly [Value, ...Value[]]) => values[below(values.length)] ?? values[0];
  const digits = (count: number) => Array.from({ length: count }, () => below(10)).join('');
  const whole = () => oneOf(['0', '9007199254740992', '9007199254740993', `${1 + below(9)}${digits(below(24))}`]);
  const fraction = () => oneOf(['', '', '.0', '.5', `.${digits(1 + below(24))}`]);
  const exponent = () =>
    oneOf([
      '',
      '',
      `${oneOf(['e', 'E'])}${oneOf(['', '+', '-'])}${oneOf(['0', '5', '15', '23', '099', '308', '999'])}`,
    ]);
  const limits = ['9.007199254740993e15', '900.7199254740993E13', '9007199254740993e0', '1e308', '1e309'] as const;
  const number = () => `${oneOf(['', '-'])}${below(8) === 0 ? oneOf(limits) : `${whole()}${fraction()}${exponent()}`}`;
  const space = () => oneOf(['', '', ' ', '\t', '\r\n']);
  const string = () =>
    JSON.stringify(
      oneOf([number(), ` ${number()}`, `9e${digits(3)}-1e999`, `\\",${number()}`, '\ud800', 'é\u{1f600}']),
    );
  const list = (open: string, part: () => string, close: string) =>
    open + Array.from({ length: below(4) }, () => `${space()}${part()}${space()}`).join(',') + close;
  const value = (depth = 0): string => {
    const kind = below(depth > 3 ? 6 : 10);
    if (kind < 3) return number();
    if (kind < 5) return string();
    if (kind === 5) return oneOf(['true', 'false', 'null']);
    if (kind < 8) return list('[', () => value(depth + 1), ']');
    // Of so few names some are given twice.
    const name = () => oneOf(['"a"', '"b"', '"__proto__"', '"1"', string()]);
    return list('{', () => `${name()}${space()}:${space()}${value(depth + 1)}`, '}');
  };
  return Array.from({ length: 150 }, () => {
    const text = `${space()}${value()}${space()}`;
    return below(8) === 0 ? text.slice(0, below(text.length)) : text;
  });
}

function valueOrError(read: (text: string) => DocumentValue, text: string): unknown {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof SyntaxError) return 'not JSON';
    throw error;
  }
}

test.each(seeds)('is what every text is read as, the quick way or not: seed %i', (seed) => {
  const texts = textsOf(seed);
  expect(texts.map((text) => [text, valueOrError(parseDocument, text)])).toStrictEqual(
    texts.map((text) => [text, valueOrError(parseExactly, text)]),
  );
});

test.each(seeds)('gives the value of every text back that was printed: seed %i', (seed) => {
  for (const text of textsOf(seed)) {
    const value = valueOrError(parseDocument, text);
    if (value === 'not JSON') continue;
    const printed = printDocument(value as DocumentValue);
    // -0 is printed as 0.
    expect(printDocument(parseExactly(printed))).toBe(printed);
    expect(parseDocument(printed), text).toEqual(withoutMinusZero(value as DocumentValue));
  }
});

function withoutMinusZero(value: DocumentValue): DocumentValue {
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  if (value === null || typeof value !== 'object') return Object.is(value, -0) ? 0 : value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, withoutMinusZero(inner)]));
}
