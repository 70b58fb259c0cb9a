import { sqlite } from '@aftercommit/connector-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { webhook } from '@aftercommit/webhook';
import { describe, expect, it } from 'vitest';
import { readSpec } from './read-spec.js';

const installed = { registry: new TriggerKindRegistry([webhook]), connectors: [sqlite] };

function syntaxOf(text: string): string[] {
  const { tasks, issues } = readSpec(text, 'a.yaml', installed);
  expect(tasks).toEqual([]);
  for (const { code, severity } of issues) expect([code, severity]).toEqual(['CONFIG_SYNTAX', 'error']);
  return issues.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('a text that is no spec', () => {
  it.each([
    ['', '1:1 a.yaml is empty.'],
    ['# nothing yet\n', '1:1 a.yaml is empty.'],
    ['---\n', ' a.yaml is empty.'],
    ['null\n', '1:1 a.yaml is empty.'],
    ['- a\n', '1:1 A spec is a mapping'],
    [
      'collections:1\n',
      '1:1 A spec is a mapping with fields such as collections and materializations. Write "name: value"',
    ],
    ['a: 1\n---\nb: 2\n', '2:1 A second document begins here'],
    ['a:\n\tb: 1\n', '2:1 This line is indented with a tab'],
    ['a:\n  b: 1\n c: 2\n', '3:1 This line is indented differently'],
    ['a:\n  - b: 1\n   c: 2\n', '3:1 An entry of a list begins with "- "'],
    ['a: b: c\n', '1:4 A second field begins inside of this value'],
    ['a: 1\nfoo\nb: 2\n', '2:1 This line is no field'],
    ['a: 1\nfoo\n', '2:1 There is no colon behind this name'],
    ['a: { b: 1\nc: 2\n', '2:1 A "{" further up is not closed'],
    ['a: [1, 2\nb: 3\n', '2:1 A "[" further up is not closed'],
    ['{"a": {"b": 1}', '1:15 A "{" further up is not closed'],
    ['{\n "a": 1\n "b": 2\n}\n', '2:7 Something is missing here, most likely a comma'],
    ['{"a": 1}}\n', '1:9 This does not belong here'],
    ["a: 1\nb: 'x\nc: 2\nd: 3\n", '2:4 This quote is not closed'],
    ['a: 1\nb: "x\nc: 2\n', '2:4 This quote is not closed'],
    ['a: "\\d+"\n', '1:5 In double quotes "\\" begins an escape'],
    ['a: {{run_id}}\n', '1:5 A value that begins with "{" is a mapping in YAML'],
    ['a: @x\n', '1:4 A text without quotes cannot begin with "@"'],
    ['a: `x`\n', '1:4 A text without quotes cannot begin with "`"'],
    ['a: *.ndjson\n', '1:4 Without quotes, "*" stands for an anchor'],
    ['a: &a\n  b: *a\n', '2:6 This alias stands for something that it is a part of'],
    ['x: &x [1]\ny:\n  <<: *x\n', '3:3 "<<" merges mappings'],
    ['a: !ENV HOOK\n', '1:4 Tags (!name) are not understood here'],
    ['a: { b: - }\n', '1:9 Here "-" begins an entry of a list'],
    ['a: -\n', '1:4 Here "-" begins an entry of a list'],
    ['a: {path:a.db}\n', '1:5 A space is missing behind the colon'],
    ['a: {path a.db}\n', '1:5 A colon is missing here'],
    ['a: |\nfoo: 1\n- b\n', '3:1 '],
    ['? [a]\n: 1\n', '1:3 The name of a field must be a plain text'],
    ['%FOO\n---\na: 1\n', '1:1 A line that begins with "%" is a directive'],
    [`a: ${'['.repeat(500)}`, 'This is nested deeper than 200 levels'],
    [`${'- '.repeat(500)}a\n`, 'This is nested deeper than 200 levels'],
  ])('%j is reported where it is wrong', (text, expected) => {
    const [first = '', ...others] = syntaxOf(text);
    expect(first).toContain(expected);
    expect(others).toEqual([]);
  });

  it.each([
    ['a tab', 'a:\n  b:\n\t  c: 1\n    d: 2\n    e: 3\n', '3:1 This line is indented with a tab'],
    [
      'a field indented too little',
      'a:\n  b:\n  c: 1\n    d: 2\n    e: 3\n',
      '3:6 The next line is indented further than this field, which has a value already',
    ],
    [
      'a mapping indented too little',
      'a:\n  b:\n  c: { d: 1 }\n    e: 2\n    f: 3\n',
      '4:1 This line is indented differently from those it belongs to, or the ones above it are',
    ],
    ['a bracket too many', '{"a": 1}}\n{"b": 2}\n{"c": 3}\n', '1:9 This does not belong here'],
  ])('reports %s once, and no lines that only look wrong after it', (_what, text, expected) => {
    expect(syntaxOf(text)).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['[\n},\nn', ['2:1']],
    ['{}\n\n4\ng', ['3:1']],
    ['""\n|\n\n', ['2:1']],
    ['{\n  "a": { "b": 1 }\n},\n"c": {\n  "d": "e },\n  "f": 1\n}\n', ['1:1', '3:2', '5:8']],
    ['{\n  "a": { "b": "c } },\n  "d": 1\n}\n', ['2:15', '3:4', '5:1']],
    ['a: 1\n\nb: [\n\n}\n\nc: "x\n', ['5:1', '7:4']],
  ])('counts the lines of %j, also behind what does not belong there', (text, places) => {
    expect(syntaxOf(text).map((issue) => issue.split(' ')[0])).toEqual(places);
  });

  it('says what one leading space at the top of the file does', () => {
    expect(syntaxOf('# x\n collections:\n   a/b: { key: [/id] }\nmaterializations:\n  a/m: { b: 1 }\n')).toEqual([
      '4:1 This line is indented less than the first field of the file, in line 2. Indent the fields of one mapping alike.',
    ]);
    expect(syntaxOf('  {\n    "a": 1\n  }\n}\n')).toEqual([expect.stringContaining('4:1 This does not belong here')]);
    expect(syntaxOf('{\n  "a": 1\n}\n}\n')).toEqual([expect.stringContaining('4:1 This does not belong here')]);
  });

  it('reports each tab, and each field inside of a value', () => {
    expect(syntaxOf('a:\n\tb: 1\nc:\n\td: 1\n').map((issue) => issue.split(' ')[0])).toEqual(['2:1', '4:1']);
    expect(syntaxOf('a: b: c\nd: e: f\n').map((issue) => issue.split(' ')[0])).toEqual(['1:4', '2:4']);
  });

  it('takes lines of JSON for data, however many there are', () => {
    const data = Array.from({ length: 5_000 }, (_, id) => `${JSON.stringify({ id, password: 'hunter2' })}\n`).join('');
    for (const text of [data, `\n\n${data}`, data.replaceAll('\n', '\r\n')]) {
      expect(syntaxOf(text)).toEqual([
        '1:1 a.yaml is data, one JSON object per line, and not a spec. Give the path of a spec that names it: source: { ndjson: a.yaml }.',
      ]);
    }
  });

  it('reports every line that cannot be read, each once', () => {
    expect(syntaxOf('a: @x\nb: `y`\nc: "\\d \\w"\n').map((issue) => issue.split(' ')[0])).toEqual([
      '1:4',
      '2:4',
      '3:5',
    ]);
  });

  it.each(['*hunter2', '!hunter2 x', '"\\xhunter2"', "'a'hunter2", '@hunter2', '{hunter2}}', '"hunter2'])(
    'shows nothing of %j, which can be a secret',
    (value) => {
      const issues = syntaxOf(`a:\n  password: ${value}\n`);
      expect(issues).toHaveLength(1);
      expect(issues.join()).not.toContain('hunter2');
    },
  );

  it('stops at aliases that stand for billions of values', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inside = level === 0 ? '1' : `*l${level - 1}`;
      return `x${level}: &l${level} [${Array.from({ length: 10 }, () => inside).join(', ')}]`;
    });
    expect(syntaxOf(`${levels.join('\n')}\n`)).toEqual([expect.stringContaining('more than a million values')]);
  });

  it('stops at merge keys that stand for billions of values', () => {
    const levels = Array.from({ length: 24 }, (_, level) => {
      const inside = level === 0 ? '{ a: 1 }' : `{ <<: [*l${level - 1}, *l${level - 1}] }`;
      return `x${level}: &l${level} ${inside}`;
    });
    expect(syntaxOf(`${levels.join('\n')}\n`)).toEqual([expect.stringContaining('more than a million values')]);
  });
});

describe('fields that are given twice', () => {
  it('are errors that name the first line, in any mapping of the file', () => {
    const { issues } = readSpec(
      'collections:\n  a/b:\n    schema:\n      x: 1\n      "x": 2\n  a/b:\n    key: [/id]\n',
      'a.yaml',
      installed,
    );
    expect(issues.map(({ code, line, column, pointer, message }) => [code, line, column, pointer, message])).toEqual([
      [
        'CONFIG_FIELD_DUPLICATE',
        5,
        7,
        '/collections/a~1b/schema/x',
        expect.stringContaining('"x" is given twice here, first in line 4'),
      ],
      [
        'CONFIG_FIELD_DUPLICATE',
        6,
        3,
        '/collections/a~1b',
        expect.stringContaining('"a/b" is given twice here, first in line 2'),
      ],
    ]);
  });
});
