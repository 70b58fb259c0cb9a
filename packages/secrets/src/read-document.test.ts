import { describe, expect, it } from 'vitest';
import { readDocument } from './sealed-document.js';
import { writeDocument } from './write-document.js';

const read = (text: string, format: 'json' | 'yaml') => readDocument(text, format, 'orders.yaml');

describe('readDocument', () => {
  it.each(['json', 'yaml'] as const)('keeps the order of fields that are called like numbers, as %s', (format) => {
    const fields = '"b": 1, "10": 2, "2": 3, "__proto__": 4, "": 5, "a:b": 6';
    expect([...read(`{${fields}}`, format)]).toEqual([
      ['b', 1],
      ['10', 2],
      ['2', 3],
      ['__proto__', 4],
      ['', 5],
      ['a:b', 6],
    ]);
  });

  it.each(['json', 'yaml'] as const)('keeps integers that a double cannot hold, as %s', (format) => {
    const document = read('{"a": 9007199254740993, "b": -9007199254740993, "c": 9007199254740991, "d": 1e3}', format);
    expect([...document.values()]).toEqual([9007199254740993n, -9007199254740993n, 9007199254740991, 1000]);
  });

  it('reads scalars of YAML as sops does', () => {
    const text =
      'a: 0777\nb: 0o17\nc: 0x1F\nd: 1_000\ne: yes\nf: True\ng: ~\nh:\ni: +5\nj: 1.5\nk: .5\nl: 1:30\nm: "7"\nn: 089\no: -0b11\np: <<\nq: =\nr: 1e400\ns: 2024-01-01Tx\nt: 2024-01-01 10:00\n';
    expect(Object.fromEntries(read(text, 'yaml'))).toEqual({
      a: 511,
      b: 15,
      c: 31,
      d: 1000,
      e: 'yes',
      f: true,
      g: null,
      h: null,
      i: 5,
      j: 1.5,
      k: 0.5,
      l: '1:30',
      m: '7',
      n: 89,
      o: -3,
      p: '<<',
      q: '=',
      r: '1e400',
      s: '2024-01-01Tx',
      t: '2024-01-01 10:00',
    });
  });

  it('reads YAML as sops lays it out: texts over several lines, comments, anything in quotes', () => {
    const text =
      "# head\na: |-\n    one\n    two\nb:\n    - \"x\\u2028\\L\\N\\U0001F600\" # behind\n    - - 1\n    -   c: 'it''s'\n";
    expect(writeDocument(read(text, 'yaml'), 'json')).toBe(
      writeDocument(read('{"a":"one\\ntwo","b":["x\\u2028\\u2028\\u0085😀",[1],{"c":"it\'s"}]}', 'json'), 'json'),
    );
  });

  it.each([
    ['a field twice', '{"a": 1, "b": {"c": 1, "c": 2}}', 'has a field twice at line 1, column 24'],
    ['a field twice, once in escapes', '{"a": 1, "\\u0061": 2}', 'has a field twice at line 1, column 10'],
    ['text behind it', '{"a": 1} x', 'is no JSON'],
    ['a number that is too large', '{"a": 1e999}', 'has a number that is too large at line 1, column 7'],
    ['no object', '[1]', 'must be a mapping'],
    ['no JSON', '{"a": s3cr3t}', 'is no JSON'],
    ['a byte order mark', '\uFEFF{}', 'begins with a byte order mark'],
    ['257 levels', `{"a": ${'['.repeat(256)}${']'.repeat(256)}}`, 'is nested deeper than 256 levels'],
    ['half a character', '{"a": "\\ud83d"}', 'has a text with half of a surrogate pair'],
    ['half a character for a name', '{"\\ude00": 1}', 'has a text with half of a surrogate pair'],
  ])('refuses JSON with %s', (_what, text, problem) => {
    expect(() => read(text, 'json')).toThrow(`orders.yaml ${problem}`);
    expect(() => read(text, 'json')).not.toThrow('s3cr3t');
  });

  it.each([
    ['a field twice', 'a: 1\nb: 2\n"a": 3\n', 'has a field twice at line 3, column 1'],
    ['a second document', 'a: 1\n---\nb: 2\n', 'has a second document at line 2'],
    ['an anchor', 'a: &x 1\nb: 2\n', 'has an anchor (&), which is not allowed here at line 1, column 7'],
    ['an alias', 'a: *x\n', 'has an alias (*), which is not allowed here at line 1, column 4'],
    ['a tag', 'a: !!binary aGk=\n', 'has a tag (!), which is not allowed here'],
    ['a tag of its own', 'a: !x 1\n', 'TAG'],
    ['a timestamp', 'a: 2024-01-01\n', 'has a timestamp without quotes: put it in quotes at line 1, column 4'],
    ['a timestamp with time', 'a: 2024-1-1T10:0:0.5+01:00\n', 'has a timestamp without quotes'],
    ['a timestamp with a space', 'a: 2024-01-01 10:00:00\n', 'has a timestamp without quotes'],
    ['a number for a name', '1: a\n', 'has a field whose name is no text'],
    ['a mapping for a name', '{a: 1}: b\n', 'has a field whose name is no text'],
    ['no mapping', '- a\n', 'must be a mapping'],
    ['nothing', '', 'must be a mapping'],
    ['what is no YAML', 'a: [1\n', 'is no YAML'],
    ['257 levels', `a: ${'['.repeat(256)}${']'.repeat(256)}`, 'is nested deeper than 256 levels'],
    ['levels without end', `a: ${'['.repeat(100_000)}`, 'is nested deeper than 256 levels'],
  ])('refuses YAML with %s', (_what, text, problem) => {
    expect(() => read(text, 'yaml')).toThrow(problem);
  });

  it('reads exactly 256 levels', () => {
    for (const format of ['json', 'yaml'] as const) {
      expect(() => read(`{"a": ${'['.repeat(255)}${']'.repeat(255)}}`, format)).not.toThrow();
    }
  });
});
