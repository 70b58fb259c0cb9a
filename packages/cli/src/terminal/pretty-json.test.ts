import { describe, expect, test } from 'vitest';
import { prettyJson } from './pretty-json.js';

describe('prettyJson', () => {
  test.each([
    {},
    [],
    'a, {b}: "c"',
    7,
    null,
    { a: 1, b: [true, { c: null }, []], d: {} },
    [[[]], [1, 2]],
    { 'a"}': '\\', 'é\n': ' ' },
  ])('prints %j as JSON.stringify does', (value) => {
    expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  });

  test('leaves values as they are written', () => {
    expect(prettyJson(' {"b":12345678901234567890,"a":1.50,"a":"\\u00e9"} ')).toBe(
      '{\n  "b": 12345678901234567890,\n  "a": 1.50,\n  "a": "\\u00e9"\n}',
    );
  });

  test('prints what is cut or redacted as far as it goes', () => {
    expect(prettyJson('{"a":[redacted],"b":[1,"…')).toBe('{\n  "a": [redacted],\n  "b": [\n    1,\n    "…');
    expect(prettyJson(']}')).toBe('\n]\n}');
  });
});
