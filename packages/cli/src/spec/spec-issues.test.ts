import { sqlite } from '@aftercommit/connector-sqlite';
import type { ConfigIssueCode } from '@aftercommit/models';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { webhook } from '@aftercommit/webhook';
import { describe, expect, it } from 'vitest';
import { readSpec } from './read-spec.js';

const installed = { registry: new TriggerKindRegistry([webhook]), connectors: [sqlite] };

/** A spec without an issue, a line per number, which the cases below change in one place. */
const lines = [
  /* 1 */ 'collections:',
  /* 2 */ '  acmeCo/weather:',
  /* 3 */ '    key: [/date]',
  /* 4 */ '    source: { ndjson: weather.ndjson }',
  /* 5 */ 'materializations:',
  /* 6 */ '  acmeCo/views:',
  /* 7 */ '    endpoint:',
  /* 8 */ '      sqlite: { path: weather.db }',
  /* 9 */ '    bindings:',
  /* 10 */ '      - source: acmeCo/weather',
  /* 11 */ '        resource: { table: weather }',
  /* 12 */ '    transactions: { maxDocs: 500 }',
  /* 13 */ '    shards: { disable: false }',
  /* 14 */ '    triggers:',
  /* 15 */ '      config:',
  /* 16 */ '        - name: slack',
  /* 17 */ '          url: https://example.com/hook',
  /* 18 */ "          payloadTemplate: '{}'",
];

/** The spec with other lines in the place of one. */
function changed(line: number, ...replacement: string[]): string {
  return [...lines.slice(0, line - 1), ...replacement, ...lines.slice(line), ''].join('\n');
}

type Case = [text: string, code: ConfigIssueCode, line: number, column: number, piece: string];

const errors: Case[] = [
  // The whole.
  ['colections: {}\n', 'CONFIG_UNKNOWN_FIELD', 1, 1, '"colections" (did you mean "collections"?)'],
  [changed(5, 'materialisations:'), 'CONFIG_UNKNOWN_FIELD', 5, 1, 'did you mean "materializations"?'],
  ['collections: [a]\n', 'CONFIG_INVALID', 1, 14, 'collections must be a mapping'],
  ['materializations: x\n', 'CONFIG_INVALID', 1, 19, 'materializations must be a mapping'],
  // Collections.
  [changed(2, '  acmeCo/weather: 5', '  acmeCo/wether:'), 'CONFIG_INVALID', 2, 19, 'A collection must be a mapping'],
  [changed(5, '  /acmeCo/x: { key: [/id] }', lines[4] ?? ''), 'CONFIG_NAME_INVALID', 5, 3, 'begin nor end with "/"'],
  [changed(5, '  acmeCo//x: { key: [/id] }', lines[4] ?? ''), 'CONFIG_NAME_INVALID', 5, 3, 'must not have "//"'],
  [changed(5, '  a b: { key: [/id] }', lines[4] ?? ''), 'CONFIG_NAME_INVALID', 5, 3, 'must consist of letters'],
  [changed(5, '  "": { key: [/id] }', lines[4] ?? ''), 'CONFIG_NAME_INVALID', 5, 3, 'must not be empty'],
  [changed(3, '    kee: [/date]', '    key: [/date]'), 'CONFIG_UNKNOWN_FIELD', 3, 5, 'did you mean "key"?'],
  [changed(3), 'CONFIG_KEY_INVALID', 2, 3, 'has no key'],
  [changed(3, '    key: /date'), 'CONFIG_KEY_INVALID', 3, 10, 'write [/date]'],
  [changed(3, '    key: []'), 'CONFIG_KEY_INVALID', 3, 10, 'key is empty'],
  [changed(3, '    key: null'), 'CONFIG_KEY_INVALID', 3, 10, 'must be a list'],
  [changed(3, '    key: [/date, id]'), 'CONFIG_KEY_INVALID', 3, 18, 'must begin with "/": write /id'],
  [changed(3, '    key: [/date, ""]'), 'CONFIG_KEY_INVALID', 3, 18, 'must be a text that begins with "/"'],
  [changed(3, '    key: [/date, 5]'), 'CONFIG_KEY_INVALID', 3, 18, 'must be a text that begins with "/"'],
  [changed(3, '    key: [/a~b]'), 'CONFIG_KEY_INVALID', 3, 11, '"~" that is not escaped'],
  [changed(3, '    key:', '      - /date', '      - /date'), 'CONFIG_KEY_INVALID', 5, 9, 'stands here twice'],
  [changed(3, lines[2] ?? '', '    reduce: sum'), 'CONFIG_INVALID', 4, 13, 'reduce must be last'],
  [changed(4), 'CONFIG_SOURCE_INVALID', 2, 3, 'has no source to read'],
  [changed(4, '    source: weather.ndjson'), 'CONFIG_SOURCE_INVALID', 4, 13, 'write { ndjson: weather.ndjson }'],
  [changed(4, '    source: { }'), 'CONFIG_SOURCE_INVALID', 4, 5, 'source.ndjson is missing'],
  [changed(4, '    source: { ndjson: [] }'), 'CONFIG_SOURCE_INVALID', 4, 23, 'names no file'],
  [changed(4, '    source: { ndjson: [a, 5] }'), 'CONFIG_SOURCE_INVALID', 4, 23, 'must be a file'],
  [changed(4, '    source: { ndjson: "" }'), 'CONFIG_SOURCE_INVALID', 4, 23, 'empty name'],
  [changed(4, '    source: { ndjson: [a, "-"] }'), 'CONFIG_SOURCE_INVALID', 4, 23, 'standard input'],
  [changed(4, '    source: { ndjson: a, csv: b }'), 'CONFIG_UNKNOWN_FIELD', 4, 26, 'no field "csv". Known: ndjson'],
  // Materializations.
  [changed(6, '  acmeCo/none:', '  acmeCo/views:'), 'CONFIG_INVALID', 6, 15, 'A materialization must be a mapping'],
  [changed(6, '  acmeCo/views/:'), 'CONFIG_NAME_INVALID', 6, 3, 'The name of a materialization'],
  [
    changed(9, '    notes: x', lines[8] ?? ''),
    'CONFIG_UNKNOWN_FIELD',
    9,
    5,
    'There is no field "notes". Known: endpoint',
  ],
  // Endpoints.
  [changed(8, '      {}'), 'CONFIG_INVALID', 7, 5, 'endpoint is empty'],
  [
    changed(7, '    endpoint: x').replace('      sqlite: { path: weather.db }\n', ''),
    'CONFIG_INVALID',
    7,
    15,
    'endpoint must be a mapping',
  ],
  [
    changed(7).replace('      sqlite: { path: weather.db }\n', ''),
    'CONFIG_INVALID',
    6,
    3,
    'endpoint is missing: say where to write. What can run here: sqlite.',
  ],
  [
    changed(8, '      sqlit: { path: weather.db }'),
    'CONFIG_UNKNOWN_KIND',
    8,
    7,
    '"sqlit" (did you mean "sqlite"?). What can run here: sqlite. Catalogs may also have connector, local, dekaf, which',
  ],
  [changed(8, lines[7] ?? '', '      connector: { image: a }'), 'CONFIG_INVALID', 9, 7, 'has "sqlite" too'],
  [changed(8, '      sqlite: weather.db'), 'CONFIG_INVALID', 8, 15, 'sqlite must be an object'],
  [
    changed(8, '      sqlite: { path: a.db, runtimeCheckpointOwner: 5 }'),
    'CONFIG_INVALID',
    8,
    53,
    'must be one of endpoint, store.',
  ],
  [changed(8, '      sqlite:'), 'CONFIG_INVALID', 8, 7, 'path is missing (the database file, relative to the spec).'],
  [changed(8, '      sqlite: { path: "" }'), 'CONFIG_INVALID', 8, 23, 'path must not be empty.'],
  [changed(8, '      sqlite: { path: 2024 }'), 'CONFIG_INVALID', 8, 23, 'path must be a string. Put it in quotes.'],
  [
    changed(8, '      sqlite: { path: a.db, runtimeCheckpointOwnr: store }'),
    'CONFIG_UNKNOWN_FIELD',
    8,
    29,
    'did you mean "runtimeCheckpointOwner"?',
  ],
  [changed(8, '      sqlite: { path: a.db, sops: {} }'), 'CONFIG_SEALED', 8, 29, 'sealed'],
  [
    changed(8).replace('    endpoint:', '    sqlite: { path: weather.db }'),
    'CONFIG_UNKNOWN_FIELD',
    7,
    5,
    'sqlite is an endpoint: write endpoint: { sqlite: { … } }.',
  ],
  [changed(8, '      connector: { config: a.yaml }'), 'CONFIG_INVALID', 8, 7, 'image is missing'],
  [changed(8, '      connector: { image: 5 }'), 'CONFIG_INVALID', 8, 27, 'image must be a text'],
  [changed(8, '      connector: a'), 'CONFIG_INVALID', 8, 18, 'connector must be a mapping'],
  // Bindings.
  [changed(9, '    bindngs: []', lines[8] ?? ''), 'CONFIG_UNKNOWN_FIELD', 9, 5, 'did you mean "bindings"?'],
  [
    changed(9, '    bindings: {}').replace(/ {6}- source.*\n.*\n/, ''),
    'CONFIG_INVALID',
    9,
    15,
    'bindings must be a list',
  ],
  [changed(9).replace(/ {6}- source.*\n.*\n/, ''), 'CONFIG_INVALID', 6, 3, 'bindings is missing'],
  [
    changed(10, '      - acmeCo/weather', '      - source: acmeCo/weather'),
    'CONFIG_INVALID',
    10,
    9,
    'A binding must be a mapping',
  ],
  [
    changed(10, '      - sorce: acmeCo/weather', '        source: acmeCo/weather'),
    'CONFIG_UNKNOWN_FIELD',
    10,
    9,
    'did you mean "source"?',
  ],
  [changed(10, '      -'), 'CONFIG_INVALID', 11, 9, 'source is missing'],
  [
    changed(10, '      - collection: acmeCo/weather'),
    'CONFIG_UNKNOWN_FIELD',
    10,
    9,
    'There is no field "collection" (did you mean "source"?)',
  ],
  [
    changed(10, '      - collection: acmeCo/weather').replace(lines[7] ?? '', '      connector: { image: a }'),
    'CONFIG_INVALID',
    10,
    9,
    'source is missing',
  ],
  [changed(10, '      - source: {}'), 'CONFIG_INVALID', 10, 9, 'name is missing'],
  [changed(10, '      - source: 2024'), 'CONFIG_INVALID', 10, 17, 'must be the name of a collection'],
  [changed(10, '      - source: acmeCo/weather/'), 'CONFIG_NAME_INVALID', 10, 17, 'begin nor end with "/"'],
  [
    changed(10, '      - source: acmeCo/wether'),
    'CONFIG_UNKNOWN_COLLECTION',
    10,
    17,
    '(did you mean "acmeCo/weather"?)',
  ],
  [
    changed(10, '      - source: { name: other/thing }'),
    'CONFIG_UNKNOWN_COLLECTION',
    10,
    25,
    'no collection "other/thing" in this file',
  ],
  [
    changed(10, '      - source: { name: acmeCo/weather, partitions: {} }'),
    'CONFIG_UNSUPPORTED',
    10,
    41,
    'partitions is not supported',
  ],
  [
    changed(10, '      - source: { name: acmeCo/weather, notBefore: 2024-01-01 }'),
    'CONFIG_UNSUPPORTED',
    10,
    41,
    'notBefore is not supported',
  ],
  [
    changed(10, '      - source: { name: acmeCo/weather, notAfter: 2024-01-01 }'),
    'CONFIG_UNSUPPORTED',
    10,
    41,
    'notAfter is not supported',
  ],
  [
    changed(11, '        resource: { table: weather }', '        partitions: { include: {} }'),
    'CONFIG_UNSUPPORTED',
    12,
    9,
    'the whole collection would be read',
  ],
  [
    changed(11, '        resource: { table: weather }', '        disable: yes'),
    'CONFIG_INVALID',
    12,
    18,
    'true or false, without quotes; yes, no, on and off are texts',
  ],
  [changed(11), 'CONFIG_INVALID', 10, 9, 'table is missing'],
  [changed(11, '        resource: weather'), 'CONFIG_INVALID', 11, 19, 'resource must be an object'],
  [changed(11, '        resource: { tabel: a, table: b }'), 'CONFIG_UNKNOWN_FIELD', 11, 21, 'did you mean "table"?'],
  [changed(11, '        resource: { table: true }'), 'CONFIG_INVALID', 11, 28, 'must be a string. Put it in quotes'],
  [
    changed(11, lines[10] ?? '', '      - { source: acmeCo/weather, resource: { table: weather } }'),
    'CONFIG_RESOURCE_DUPLICATE',
    12,
    45,
    'Another binding writes to weather already',
  ],
  // Limits of transactions.
  [changed(12, '    transactions: { maxDocs: 0 }'), 'CONFIG_INVALID', 12, 30, 'from 1 to 1000000'],
  [changed(12, '    transactions: { maxDocs: 1000001 }'), 'CONFIG_INVALID', 12, 30, 'from 1 to 1000000'],
  [changed(12, '    transactions: { maxDocs: 1.5 }'), 'CONFIG_INVALID', 12, 30, 'whole number'],
  [changed(12, '    transactions: { maxDocs: "500" }'), 'CONFIG_INVALID', 12, 30, 'without quotes'],
  [changed(12, '    transactions: { maxDcos: 5 }'), 'CONFIG_UNKNOWN_FIELD', 12, 21, 'did you mean "maxDocs"?'],
  [changed(12, '    transactions: { maxBytes: 5 }'), 'CONFIG_UNKNOWN_FIELD', 12, 21, 'Known: maxDocs, maxDuration'],
  [changed(12, '    transactions: 5'), 'CONFIG_INVALID', 12, 19, 'transactions must be a mapping'],
  [
    changed(12, '    transactions: { maxDuration: 5 }'),
    'CONFIG_DURATION_INVALID',
    12,
    34,
    'a number without a unit: write 5s or 5ms',
  ],
  [changed(12, '    transactions: { maxDuration: 1:30 }'), 'CONFIG_DURATION_INVALID', 12, 34, 'is not a duration'],
  [changed(12, '    transactions: { maxDuration: true }'), 'CONFIG_DURATION_INVALID', 12, 34, 'no duration: write 1s'],
  [changed(12, '    transactions: { maxDuration: 0s }'), 'CONFIG_DURATION_INVALID', 12, 34, 'longer than nothing'],
  [changed(12, '    transactions: { maxDuration: 1ns }'), 'CONFIG_DURATION_INVALID', 12, 34, 'must be at least 1ms'],
  [changed(12, '    transactions: { minDuration: 999us }'), 'CONFIG_DURATION_INVALID', 12, 34, 'must be at least 1ms'],
  [changed(13, '    shards: { maxTxnDuration: 0s }'), 'CONFIG_DURATION_INVALID', 13, 31, 'longer than nothing'],
  [
    changed(13, '    shards: { minTxnDuration: 2s, maxTxnDuration: 1s }'),
    'CONFIG_INVALID',
    13,
    31,
    'longer than shards.maxTxnDuration (1s)',
  ],
  [
    changed(12, '    transactions: { maxDuration: 1s }', '    shards: { minTxnDuration: 2s }').replace(
      `${lines[12]}\n`,
      '',
    ),
    'CONFIG_INVALID',
    13,
    31,
    'longer than transactions.maxDuration (1s)',
  ],
  [changed(13, '    shards: { maxTxnDuraton: 1s }'), 'CONFIG_UNKNOWN_FIELD', 13, 15, 'did you mean "maxTxnDuration"?'],
  [changed(13, '    shards: { disable: off }'), 'CONFIG_INVALID', 13, 24, 'true or false'],
  // Triggers.
  [changed(14, '    trigers: {}', lines[13] ?? ''), 'CONFIG_UNKNOWN_FIELD', 14, 5, 'did you mean "triggers"?'],
  [changed(15, '      sops: {}', lines[14] ?? ''), 'CONFIG_SEALED', 15, 7, 'sealed'],
  [changed(15, '      cofnig: {}', lines[14] ?? ''), 'CONFIG_UNKNOWN_FIELD', 15, 7, 'did you mean "config"?'],
  [changed(16, '        - name: sl ack'), 'CONFIG_NAME_INVALID', 16, 17, 'The name of a trigger'],
  [changed(17, '          url: ftp://example.com'), 'CONFIG_KIND_REFUSED', 17, 16, 'http or https'],
  [changed(17), 'CONFIG_INVALID', 16, 11, 'url is missing (where the payload is sent'],
  [changed(17, lines[16] ?? '', '          maxAttempts: 1.5'), 'CONFIG_INVALID', 18, 24, 'must be a whole number.'],
  [changed(11, '        resource: { table: a, delta: 1 }'), 'CONFIG_INVALID', 11, 38, 'delta must be true or false.'],
  [changed(17, lines[16] ?? '', '          kind: webhok'), 'CONFIG_UNKNOWN_KIND', 18, 17, 'did you mean "webhook"?'],
  [
    changed(17, lines[16] ?? '', '          timeout: 30'),
    'CONFIG_DURATION_INVALID',
    18,
    20,
    'timeout is a number without a unit: write 30s or 30ms.',
  ],
  [
    changed(17, lines[16] ?? '', '          paylodTemplate: x'),
    'CONFIG_UNKNOWN_FIELD',
    18,
    11,
    'did you mean "payloadTemplate"?',
  ],
  [
    changed(18, '          payloadTemplate: \'{"run": "{{run_idd}}"}\''),
    'CONFIG_TEMPLATE_INVALID',
    18,
    40,
    '"run_idd"',
  ],
];

const warnings: Case[] = [
  ['collections: {}\n', 'CONFIG_EMPTY', 1, 1, 'a.yaml has no materializations'],
  ['import: [b.yaml]\n', 'CONFIG_EMPTY', 1, 1, 'What it imports is not read'],
  [changed(9, '    bindings: []').replace(/ {6}- source.*\n.*\n/, ''), 'CONFIG_EMPTY', 9, 15, 'There are no bindings'],
  [changed(11, lines[10] ?? '', '        disable: true'), 'CONFIG_EMPTY', 9, 5, 'Every binding is disabled'],
  [
    changed(11, lines[10] ?? '', '        fields: { recommended: true }'),
    'CONFIG_VALUE_UNUSED',
    12,
    9,
    'fields changes nothing with the endpoint sqlite',
  ],
  [changed(11, lines[10] ?? '', '        backfill: 1'), 'CONFIG_VALUE_UNUSED', 12, 9, 'backfill changes nothing'],
  [changed(13, '    delete: true'), 'CONFIG_VALUE_UNUSED', 13, 5, 'delete changes nothing'],
  [changed(13, '    shards: { maxTxnDuration: 1M }'), 'CONFIG_VALUE_CORRECTED', 13, 31, 'M means months'],
  [changed(17, lines[16] ?? '', '          maxAttempts: 0'), 'CONFIG_VALUE_CORRECTED', 18, 24, 'means 1'],
];

function check([text, code, line, column, piece]: Case, severity: 'error' | 'warning'): void {
  const { issues } = readSpec(text, 'a.yaml', installed);
  const found = issues.map((issue) => [issue.severity, issue.code, issue.line, issue.column]);
  expect(found).toEqual([[severity, code, line, column]]);
  expect(issues[0]?.message).toContain(piece);
}

describe('a spec with one mistake', () => {
  it('is valid without it', () => {
    expect(readSpec(`${lines.join('\n')}\n`, 'a.yaml', installed)).toMatchObject({ tasks: [{}], issues: [] });
  });

  it.each(errors.map((one) => [one[4], one] as const))('gets one error, where it is: %s', (_piece, one) => {
    check(one, 'error');
  });

  it.each(warnings.map((one) => [one[4], one] as const))('gets one warning, where it is: %s', (_piece, one) => {
    check(one, 'warning');
  });

  it('gets advice about quotes only where a text is wanted', () => {
    const { issues } = readSpec(
      changed(8, '      sqlite: { path: 5, runtimeCheckpointOwner: 5 }'),
      'a.yaml',
      installed,
    );
    expect(issues.map(({ message }) => message)).toEqual([
      'path must be a string. Put it in quotes.',
      'runtimeCheckpointOwner must be one of endpoint, store.',
    ]);
  });
});
