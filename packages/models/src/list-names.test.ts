import { describe, expect, it } from 'vitest';
import { listNames } from './list-names.js';

const letters = (count: number) => Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index));

describe('listNames', () => {
  it.each([
    [0, 'none'],
    [1, 'a'],
    [3, 'a, b, c'],
    [11, 'a, b, c, d, e, f, g, h, i, j, k'],
    [12, 'a, b, c, d, e, f, g, h, i, j and 2 more'],
  ])('of %d names', (count, text) => {
    expect(listNames(letters(count))).toBe(text);
  });
});
