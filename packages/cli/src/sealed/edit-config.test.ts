import type { OrderedValue } from '@aftercommit/secrets';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { replaceConfig } from './edit-config.js';

/** A value as a map from field to value, however deep. */
function ordered(value: unknown): OrderedValue {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value as OrderedValue;
  return new Map(Object.entries(value).map(([name, inner]) => [name, ordered(inner)]));
}

function replaced(text: string, path: string[], value: object): string {
  return replaceConfig(text, path, ordered(value) as Map<string, OrderedValue>);
}

describe('replacing a configuration in YAML', () => {
  test('leaves everything around it as it is, to the letter', () => {
    const text = 'a:   1 # one\nb:\n    c: {x: 1}   \n    # behind\n\nd: "\\x41"\n';
    expect(replaced(text, ['b'], { c: { x: 2 } })).toBe(
      'a:   1 # one\nb:\n    c: { x: 2 }   \n    # behind\n\nd: "\\x41"\n',
    );
  });

  test('keeps comments, quotes and blocks of what stays, also where it gets another place or name', () => {
    const text = `t:
  # before
  one:
    # of b
    b: 'x'   # behind b
    a: |
      {"k": 1,
       "l": 2}
    token: secret # from the vault
  # after
end: true
`;
    expect(
      replaced(text, ['t'], { one: { a: '{"k": 1,\n "l": 2}\n', b: 'x', token_sops: 'ENC' }, sops: { v: 1 } }),
    ).toBe(`t:
  # before
  one:
    a: |
      {"k": 1,
       "l": 2}
    # of b
    b: 'x' # behind b
    token_sops: ENC # from the vault
  sops:
    v: 1
  # after
end: true
`);
  });

  test('makes a map of a list, whose comments stay', () => {
    const text =
      't:\n  config:\n    # first\n    - name: a\n      u: 1\n    # second\n    - { name: b, u: 2 }\n    # last\n';
    const after = replaced(text, ['t'], { config: { a: { u: 1 }, b: { u: 2 } } });
    expect(parse(after)).toEqual({ t: { config: { a: { u: 1 }, b: { u: 2 } } } });
    for (const comment of ['# first', '# second', '# last']) expect(after).toContain(comment);
    expect(after.indexOf('# first')).toBeLessThan(after.indexOf('a:'));
    expect(after.indexOf('# second')).toBeGreaterThan(after.indexOf('a:'));
  });

  test.each([
    ['a whole file', '# top\na: 1\n', [], { a: 2, b: 3 }, '# top\na: 2\nb: 3\n'],
    ['one in braces', 'x: { t: { a: 1 }, u: 2 }\n', ['x', 't'], { a: 1, b: 'c' }, 'x: { t: { a: 1, b: c }, u: 2 }\n'],
    ['a file with a byte order mark', '\uFEFFt: { a: 1 }\n', ['t'], { a: 2 }, '\uFEFFt: { a: 2 }\n'],
    ['a file without a last line end', 't:\n  a: 1', ['t'], { a: 2 }, 't:\n  a: 2'],
    [
      'a file with Windows line ends',
      'a: 1\r\nt:\r\n  a: 1\r\nb: 2\r\n',
      ['t'],
      { a: 2 },
      'a: 1\r\nt:\r\n  a: 2\r\nb: 2\r\n',
    ],
  ])('changes %s', (_title, text, path, value, after) => {
    expect(replaced(text, path, value)).toBe(after);
  });

  test('quotes what only YAML 1.2 takes for a text', () => {
    const after = replaced('t:\n  a: 1\n', ['t'], { a: 'yes', at: '2026-01-01T00:00:00Z' });
    expect(after).toBe('t:\n  a: "yes"\n  at: "2026-01-01T00:00:00Z"\n');
  });

  test('gives an alias that is no part of it to its own field', () => {
    const text = 'base: &base { u: 1 }\nt:\n  one: *base\n';
    expect(parse(replaced(text, ['t'], { one: { u: 1, s_sops: 'ENC' } }))).toEqual({
      base: { u: 1 },
      t: { one: { u: 1, s_sops: 'ENC' } },
    });
  });
});

test('JSON stays JSON, indented as the file is', () => {
  const text = '{\n    "a": 1,\n    "t": { "x": 1 },\n    "z": [1, 2]\n}\n';
  expect(replaced(text, ['t'], { x: 1, sops: { v: 'two\nlines' } })).toBe(
    '{\n    "a": 1,\n    "t": {\n        "x": 1,\n        "sops": {\n            "v": "two\\nlines"\n        }\n    },\n    "z": [1, 2]\n}\n',
  );
});

test('a place without a mapping is a mistake of the caller', () => {
  expect(() => replaced('t: 1\n', ['t'], {})).toThrow(TypeError);
});
