import { describe, expect, it } from 'vitest';
import { doubleText, leafText, numberModels } from './leaf-text.js';

describe('leafText', () => {
  it.each([
    [42, '42'],
    [42.5, '42.5'],
    [-0, '0'],
    [1e21, '1000000000000000000000'],
    [-1.5e22, '-15000000000000000000000'],
    [1e-7, '0.0000001'],
    [-2.5e-9, '-0.0000000025'],
    [5e-324, `0.${'0'.repeat(323)}5`],
    [1.7976931348623157e308, `17976931348623157${'0'.repeat(292)}`],
    [2 ** 60, '1152921504606847000'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('of %d is %s', (double, text) => {
    expect(doubleText(double)).toBe(text);
    expect(leafText(double)).toBe(text);
  });

  it('of texts is the text, and of truth values a word with a capital', () => {
    expect([leafText('true'), leafText(true), leafText(false), leafText('')]).toEqual(['true', 'True', 'False', '']);
  });

  it('of large integers and of -0 is what each release of sops takes them for', () => {
    const texts = numberModels.map((model) => [leafText(9007199254740993n, model), leafText(-0, model)]);
    expect(texts).toEqual([
      ['9007199254740992', '-0'],
      ['9007199254740993', '0'],
      ['9007199254740993', '-0'],
    ]);
    expect(numberModels.map((model) => leafText(2n ** 64n, model))).toEqual(Array(3).fill('18446744073709552000'));
  });
});
