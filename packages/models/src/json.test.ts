import { describe, expect, it } from 'vitest';
import { canonicalJson, isJsonObject } from './json.js';

describe('canonicalJson', () => {
  it('writes one text however the fields are ordered', () => {
    const one = { b: [1, { d: null, c: 'x' }], a: true };
    const other = { a: true, b: [1, { c: 'x', d: null }] };
    expect(canonicalJson(one)).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
    expect(canonicalJson(other)).toBe(canonicalJson(one));
  });

  it('tells arrays of another order apart', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  it('leaves out fields that are undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it('keeps keys that are named like parts of every object', () => {
    const text = '{"__proto__":{"x":1},"constructor":2}';
    expect(canonicalJson(JSON.parse(text))).toBe(text);
  });
});

describe('isJsonObject', () => {
  it.each([[null], [[]], ['x'], [1], [undefined]])('tells %j from an object', (value) => {
    expect(isJsonObject(value)).toBe(false);
  });

  it('accepts objects without a prototype', () => {
    expect(isJsonObject(Object.create(null))).toBe(true);
  });
});
