import { expect, test } from 'vitest';
import { parseDocument, printDocument } from './document.js';
import { mergePatch } from './merge-patch.js';

// The examples of RFC 7396, appendix A.
test.each([
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
])('merges into %s the patch %s', (target, patch, result) => {
  expect(mergePatch(parseDocument(target), parseDocument(patch))).toEqual(parseDocument(result));
});

test('merges into nothing as into an empty object', () => {
  expect(mergePatch(undefined, { a: null, b: { c: null, d: 1 } })).toEqual({ b: { d: 1 } });
});

test('changes neither side', () => {
  const target = { a: { b: 1 } };
  const patch = { a: { c: 2 } };
  mergePatch(target, patch);
  expect([target, patch]).toEqual([{ a: { b: 1 } }, { a: { c: 2 } }]);
});

test('merges a field called __proto__ like any other', () => {
  const merged = mergePatch(parseDocument('{"__proto__":{"a":1}}'), parseDocument('{"__proto__":{"b":2}}'));
  expect(printDocument(merged)).toBe('{"__proto__":{"a":1,"b":2}}');
  expect(({} as Record<string, unknown>)['b']).toBeUndefined();
});
