import { sqlite } from '@aftercommit/connector-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { webhook } from '@aftercommit/webhook';
import { describe, expect, it } from 'vitest';
import { readSpec } from './read-spec.js';

const installed = { registry: new TriggerKindRegistry([webhook]), connectors: [sqlite] };

const yaml = `collections:
  acmeCo/orders:
    key: [/id, /nested/x]
    source:
      ndjson:
        - orders.ndjson
        - more/*.ndjson
materializations:
  acmeCo/views:
    endpoint: &endpoint
      sqlite: { path: out.db }
    bindings:
      - source: acmeCo/orders
        resource: { table: orders }
    triggers:
      config:
        - name: slack
          url: "https://example.com/hook"
          payloadTemplate: |
            { "run": "{{run_id}}",

              "text": "{{nope}}" }
          timeout: 30s
        - name: 'dbt'
          url: https://example.com
          payloadTemplate: '{"n": {{docs_total}}}'
`;

const json = JSON.stringify(
  {
    collections: { 'a/b': { key: ['/id'], source: { ndjson: 'b.ndjson' } } },
    materializations: { 'a/m': { endpoint: { sqlite: { path: 'out.db' } }, bindings: [{ source: 'a/b' }] } },
  },
  null,
  2,
);

const fragments = [
  ...['\t', '  ', '- ', ': ', '{', '}', '[', ']', '"', "'", '|', '>', '&a ', '*a', '<<: *endpoint', '!!str ', '#'],
  ...[
    '\n',
    '\r\n',
    '\n\n',
    '---\n',
    '...\n',
    '%YAML\n',
    '? ',
    '0x1F',
    '\u0000',
    '\uFEFF',
    '😀',
    '@',
    ',',
    '\u2028',
    '{{',
  ],
];

/** Numbers from 0 to 1, the same for one seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The text with one to three mistakes as they are made when a file is edited. */
function withMistakes(text: string, random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  let lines = text.split('\n');
  for (let mistakes = 1 + below(3); mistakes > 0; mistakes -= 1) {
    const row = below(lines.length);
    const line = lines[row] ?? '';
    const column = below(line.length + 1);
    const replacements = [
      [],
      [line, line],
      [` ${line}`],
      [line.slice(1)],
      [line.slice(0, -1)],
      [line.slice(0, column)],
      [line.slice(0, column) + line.slice(column + 1)],
      [line.slice(0, column) + (fragments[below(fragments.length)] ?? '') + line.slice(column)],
    ];
    lines.splice(row, 1, ...(replacements[below(replacements.length)] ?? []));
    if (below(10) === 0) lines = lines.slice(0, row);
    lines = lines.join('\n').split('\n');
  }
  return lines.join('\n');
}

/** Issues that stand outside of the text. */
function misplaced(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return readSpec(text, 'a.yaml', installed)
    .issues.filter(({ line, column }) => !(column >= 1 && column <= (lines[line - 1]?.length ?? -1) + 1))
    .map(({ line, column, message }) => `${line}:${column} ${message} ${JSON.stringify(text)}`);
}

describe('a spec with random mistakes', () => {
  it.each([
    ['YAML', yaml],
    ['YAML with line ends of Windows', yaml.replaceAll('\n', '\r\n')],
    ['JSON', json],
  ])('in %s is read, with every issue at a place of the text', (_format, text) => {
    for (let seed = 1; seed <= 300; seed += 1) {
      expect(misplaced(withMistakes(text, randomOf(seed))), `seed ${seed}`).toEqual([]);
    }
  });
});
