import { expect, test } from 'vitest';
import { prefixEnd } from './prefix-range.js';

test.each([
  ['a', 'b'],
  ['a/', 'a0'],
  ['a\u{10ffff}', 'b'],
  ['\ud7ff', '\ue000'],
  ['\uffff', '\u{10000}'],
  ['😀', '😁'],
  ['', undefined],
  ['\u{10ffff}\u{10ffff}', undefined],
])('ends the keys that begin with %j before %j', (prefix, end) => {
  expect(prefixEnd(prefix)).toBe(end);
});
