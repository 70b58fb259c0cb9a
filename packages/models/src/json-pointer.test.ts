import { describe, expect, it } from 'vitest';
import { jsonPointer, pointerPath, valueAt } from './json-pointer.js';

describe('jsonPointer', () => {
  it.each([
    [[], ''],
    [['config', 0, 'url'], '/config/0/url'],
    [['a/b', 'c~d', '~1', ''], '/a~1b/c~0d/~01/'],
  ])('writes %j as %j', (path, pointer) => {
    expect(jsonPointer(path)).toBe(pointer);
    expect(pointerPath(pointer)).toEqual(path.map(String));
  });
});

describe('valueAt', () => {
  it('finds fields and elements', () => {
    const document = { a: { b: [{ c: 1 }] }, '': 2 };
    expect(valueAt(document, ['a', 'b', '0', 'c'])).toBe(1);
    expect(valueAt(document, [''])).toBe(2);
    expect(valueAt(document, [])).toBe(document);
  });

  it.each([['constructor'], ['a', 'length'], ['a', '01'], ['a', '2'], ['b', 'c']])('finds nothing at %j', (...path) => {
    expect(valueAt({ a: [1, 2], b: 'text' }, path)).toBeUndefined();
  });
});
