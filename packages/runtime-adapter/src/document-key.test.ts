import type { Document } from '@aftercommit/models';
import { expect, test } from 'vitest';
import { keyReader } from './document-key.js';

function packed(value: Document[string]): string {
  const key = keyReader(['/k'])({ k: value });
  if ('problem' in key) throw new Error(key.problem);
  return key.packed;
}

test('reads nested values, array elements and escaped names', () => {
  const document: Document = { a: { b: 'x' }, list: [1, 2], 'c/d': 3, 'e~f': 4, '': 5 };
  expect(keyReader(['/a/b', '/list/1', '/c~1d', '/e~0f', '/'])(document)).toMatchObject({ values: ['x', 2, 3, 4, 5] });
});

test('sees only fields of the document itself', () => {
  expect(keyReader(['/constructor'])({})).toEqual({ problem: 'its key /constructor is missing' });
  expect(keyReader(['/list/length'])({ list: [] })).toEqual({ problem: 'its key /list/length is missing' });
  expect(keyReader(['/list/01'])({ list: [1, 2] })).toEqual({ problem: 'its key /list/01 is missing' });
});

test('packs in the order of values', () => {
  const values = ['', 'a', 'a\0', 'ab', 'b', -(2n ** 70n), -300, -1, 0, 1, 255, 256, 2 ** 53 - 1, 2n ** 63n, 2n ** 70n];
  const texts = values.map(packed);
  expect([...texts].sort()).toEqual(texts);
  expect(new Set(texts).size).toBe(texts.length);
});

test('packs values of different types differently, and equal ones equally', () => {
  const texts = [1, '1', true, 1.5, false, 0, ''].map(packed);
  expect(new Set(texts).size).toBe(texts.length);
  expect(packed(-0)).toBe(packed(0));
  expect(packed(1e17)).toBe(packed(100000000000000000n));
});

test('tells keys of several values apart', () => {
  const read = keyReader(['/a', '/b']);
  const keys = [read({ a: 'x', b: 'yz' }), read({ a: 'xy', b: 'z' }), read({ a: 'x\0', b: 'yz' })];
  expect(new Set(keys.map((key) => ('packed' in key ? key.packed : '')))).toHaveProperty('size', 3);
});
