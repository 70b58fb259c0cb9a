import type { Document } from '@aftercommit/models';
import { expect, test } from 'vitest';
import type { KeyValue } from './connector.js';
import { type DocumentKey, keyReader, packedKey } from './document-key.js';

function packed(value: Document[string]): string {
  const key = keyReader(['/k'])({ k: value });
  if ('problem' in key) throw new Error(key.problem);
  return packedKey(key.values);
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

function keysOf(...documents: Document[]): DocumentKey[] {
  const read = keyReader(['/a', '/b']);
  return documents.flatMap((document) => {
    const key = read(document);
    return 'problem' in key ? [] : key;
  });
}

test('tells keys of several values apart', () => {
  const keys = keysOf({ a: 'x', b: 'yz' }, { a: 'xy', b: 'z' }, { a: 'x\0', b: 'yz' });
  expect(new Set(keys.map(({ values }) => packedKey(values)))).toHaveProperty('size', 3);
});

test('has equal identities exactly where it is packed equally', () => {
  const values: KeyValue[] = [
    '',
    'x',
    '1',
    '1.5',
    'true',
    '"x"',
    'x,"y',
    '",1,"',
    '\0',
    'ü',
    true,
    false,
    0,
    -0,
    1,
    1n,
    1.5,
  ];
  values.push(
    -1,
    1e17,
    10n ** 17n,
    2 ** 53,
    2n ** 53n,
    2n ** 53n + 1n,
    2 ** 53 - 1,
    2n ** 53n - 1n,
    1e300,
    5e-324,
    '1e+300',
  );
  const keys = [
    ...keysOf(...values.flatMap((a) => values.map((b) => ({ a, b })))),
    ...values.flatMap((a) => keyReader(['/a'])({ a })).filter((key) => 'values' in key),
  ];
  const packedOf = new Map<KeyValue, string>();
  const identityOf = new Map<string, KeyValue>();
  for (const { values, identity } of keys) {
    // Keys of one value and of several never meet.
    const length = values.length === 1 ? '' : 'several ';
    const packed = length + packedKey(values);
    const own = values.length === 1 ? identity : `${length}${identity}`;
    expect(packedOf.get(own) ?? packed).toBe(packed);
    expect(identityOf.get(packed) ?? own).toBe(own);
    packedOf.set(own, packed);
    identityOf.set(packed, own);
  }
  expect(packedOf.size).toBeLessThan(keys.length);
});
