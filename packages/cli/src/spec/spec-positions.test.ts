import { sqlite } from '@aftercommit/connector-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { webhook } from '@aftercommit/webhook';
import { describe, expect, it } from 'vitest';
import { readSpec } from './read-spec.js';
import type { SpecIssue } from './spec-issue.js';

const installed = { registry: new TriggerKindRegistry([webhook]), connectors: [sqlite] };

function issuesOf(text: string): SpecIssue[] {
  return readSpec(text, 'a.yaml', installed).issues;
}

function placesOf(text: string): string[] {
  return issuesOf(text).map(({ line, column, code }) => `${line}:${column} ${code}`);
}

/** Many mistakes at once. */
const faulty = `
unkown: 1
colection: 1
collections:
  acmeCo/a:
    key: [a, /a, /a]
    source: { ndjson: [], x: 1 }
  /b:
materializations:
  acmeCo/m:
    bindings:
      - {}
      - source: acmeCo/x
        resource: { tabel: 1 }
  acmeCo/n:
    endpoint: { sqlite: }
    bindings:
    shards: { disable: 1, maxTxnDuration: 1 }
    transactions: []
    triggers:
      interval: 1
      config:
        a b: { payloadTemplate: "{{x}}" }
        slack:
          payloadTemplate: |
            {{#if x}}
`;

/** One trigger whose template is written as given. */
function withTemplate(...template: string[]): string {
  return [
    'materializations:',
    '  acmeCo/m:',
    '    endpoint: { connector: { image: a, config: {} } }',
    '    bindings: [{ source: acmeCo/a, resource: {} }]',
    '    triggers:',
    '      config:',
    '        - url: https://example.com',
    ...template,
    '',
  ].join('\n');
}

describe('the place of an issue', () => {
  it('is inside of the file, whatever is wrong', () => {
    const texts = [
      faulty,
      faulty.trim(),
      '',
      '\n',
      'a',
      'a: "',
      '{',
      'materializations: { a: { endpoint: ',
      '\uFEFFa: [',
      'a: 1\n---',
    ];
    for (const text of texts.flatMap((one) => [one, one.replaceAll('\n', '\r\n')])) {
      const issues = issuesOf(text);
      const lines = text.replace(/^\uFEFF/, '').split('\n');
      expect(issues.length).toBeGreaterThan(0);
      for (const { line, column, message } of issues) {
        const length = lines[line - 1]?.length ?? -1;
        expect.soft(column, `${message} at ${line}:${column}`).toBeGreaterThanOrEqual(1);
        expect.soft(column, `${message} at ${line}:${column}`).toBeLessThanOrEqual(length + 1);
      }
    }
    expect(issuesOf(faulty).length).toBeGreaterThan(15);
  });

  it('comes in the order of the file', () => {
    const places = issuesOf(faulty).map(({ line, column }) => line * 1_000 + column);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  });

  it('is the same with line ends of Windows and a byte order mark', () => {
    const expected = placesOf(faulty);
    expect(placesOf(faulty.replaceAll('\n', '\r\n'))).toEqual(expected);
    expect(placesOf(`\uFEFF${faulty}`)).toEqual(expected);
    expect(placesOf('\uFEFFcolection: 1\n')).toEqual(['1:1 CONFIG_UNKNOWN_FIELD', '1:12 CONFIG_INVALID']);
  });

  it('names the materialization and points from the top of the file', () => {
    const [issue] = issuesOf(withTemplate("          payloadTemplate: '{}'", '          tiemout: 5s'));
    expect(issue).toMatchObject({
      materialization: 'acmeCo/m',
      pointer: '/materializations/acmeCo~1m/triggers/config/0/tiemout',
      line: 9,
      column: 11,
    });
  });

  it('is in JSON where it is in JSON', () => {
    const text = JSON.stringify(
      { materializations: { 'a/m': { endpoint: { sqlite: { paht: 'a.db' } }, bindings: [] } } },
      null,
      2,
    );
    expect(placesOf(text)).toEqual(['6:11 CONFIG_UNKNOWN_FIELD', '9:19 CONFIG_EMPTY']);
  });

  it('of what an alias or a merge key brings is where that is written', () => {
    const text = `
x-hook: &hook
  url: https://example.com
  payloadTemplate: '{'
x-shards: &shards { disable: 5 }
materializations:
  acmeCo/m:
    endpoint: { connector: { image: a, config: {} } }
    bindings: [{ source: acmeCo/a, resource: {} }]
    shards: *shards
    triggers: { config: [*hook, { <<: *hook, name: b, maxAttempts: no }] }
`;
    expect(placesOf(text)).toEqual([
      '4:22 CONFIG_TEMPLATE_INVALID',
      '4:22 CONFIG_TEMPLATE_INVALID',
      '5:30 CONFIG_INVALID',
      '11:68 CONFIG_INVALID',
    ]);
  });

  it('of what is missing behind an alias is at the alias', () => {
    const text = 'x: &x {}\nmaterializations:\n  a/m:\n    endpoint: *x\n    bindings: [*x]\n';
    expect(placesOf(text)).toEqual(['4:15 CONFIG_INVALID', '5:16 CONFIG_INVALID']);
  });

  it('of a field that is given twice is that of the last, which is the one that counts', () => {
    const text = 'collections:\n  a/b:\n    key: [/id]\n    key: []\n';
    expect(placesOf(text)).toContain('4:10 CONFIG_KEY_INVALID');
  });
});

describe('the place of an issue inside of a template', () => {
  it.each<[string, string[], string]>([
    [
      'a block',
      ['          payloadTemplate: |', '            {', '              "a": "{{nope}}"', '            }'],
      '10:23',
    ],
    [
      'a block with an anchor and a comment',
      ['          payloadTemplate: &t |- # x', '            {', '             "a": "{{nope}}"', '            }'],
      '10:22',
    ],
    ['a block of its own indentation', ['          payloadTemplate: |2', '              {"a": "{{nope}}"}'], '9:24'],
    [
      'a block that begins with empty lines',
      ['          payloadTemplate: |', '', '', '            {"a": "{{nope}}"}'],
      '11:22',
    ],
    ['single quotes', ['          payloadTemplate: \'{"a": "{{nope}}"}\''], '8:38'],
    ['no quotes', ['          payloadTemplate: "{{nope}}"'], '8:31'],
  ])('is found in %s', (_what, template, expected) => {
    const text = withTemplate(...template);
    expect(placesOf(text)).toEqual([`${expected} CONFIG_TEMPLATE_INVALID`]);
    const [line = 0, column = 0] = expected.split(':').map(Number);
    expect(text.split('\n')[line - 1]?.slice(column - 1)).toMatch(/^nope/);
    expect(placesOf(text.replaceAll('\n', '\r\n'))).toEqual([`${expected} CONFIG_TEMPLATE_INVALID`]);
  });

  it('is the end of the block where the template ends too early', () => {
    expect(placesOf(withTemplate('          payloadTemplate: |', '            {', '          maxAttempts: 1'))).toEqual(
      ['9:14 CONFIG_TEMPLATE_INVALID'],
    );
  });

  it.each<[string, string[], string]>([
    ['ends the file', ['          payloadTemplate: |', ''], '8:28'],
    ['ends the file without a line end', ['          payloadTemplate: |'], '8:28'],
    ['has blank lines only', ['          payloadTemplate: |', '  ', ''], '8:28'],
    ['comes before another field', ['          payloadTemplate: |', '          maxAttempts: 1'], '8:28'],
  ])('is where the template begins when it is empty and %s', (_how, template, expected) => {
    const text = withTemplate(...template);
    for (const written of [text, text.trimEnd(), text.replaceAll('\n', '\r\n')]) {
      expect(placesOf(written)).toEqual([`${expected} CONFIG_TEMPLATE_INVALID`]);
    }
  });

  it.each<[string, string[]]>([
    ['folded', ['          payloadTemplate: >', '            {', '             "a": "{{nope}}"}']],
    ['with escapes', ['          payloadTemplate: "{\\"a\\": \\"{{nope}}\\"}"']],
    ['over several lines', ["          payloadTemplate: '{", '', '            "a": "{{nope}}"}\'']],
  ])('is where the template begins when it is written %s', (_how, template) => {
    expect(placesOf(withTemplate(...template))).toEqual(['8:28 CONFIG_TEMPLATE_INVALID']);
  });
});
