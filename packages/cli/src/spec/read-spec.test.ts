import { sqlite } from '@aftercommit/connector-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { type ConnectorKind, defineConnectorKind } from '@aftercommit/runtime-adapter';
import { webhook } from '@aftercommit/webhook';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import type { MaterializationSpec } from './materialization-spec.js';
import { readSpec } from './read-spec.js';

const registry = new TriggerKindRegistry([webhook]);

/** A connector as somebody else would write one, with more than one part in its resources' paths. */
const warehouse = defineConnectorKind({
  name: 'warehouse',
  configSchema: Type.Object({
    account: Type.String(),
    region: Type.String({ default: 'eu' }),
    password: Type.Optional(Type.String()),
  }),
  resourceSchema: Type.Object({
    schema: Type.String({ default: 'public' }),
    table: Type.String(),
    append: Type.Optional(Type.Boolean()),
  }),
  resourcePath: ({ schema, table }) => [schema, table],
  isDelta: ({ append }) => append ?? false,
  connect: () => {
    throw new Error('Nothing is connected while a spec is read.');
  },
});

function read(text: string, connectors: readonly ConnectorKind[] = [sqlite, warehouse]) {
  return readSpec(text, 'weather.yaml', { registry, connectors });
}

function tasksOf(text: string): MaterializationSpec[] {
  const { tasks, issues } = read(text);
  expect(issues).toEqual([]);
  return tasks;
}

const weather = `
collections:
  acmeCo/weather:
    key: [/date]
    reduce: merge
    source: { ndjson: weather.ndjson }
materializations:
  acmeCo/views/weather:
    endpoint: { sqlite: { path: weather.db } }
    bindings:
      - { source: acmeCo/weather, resource: { table: weather } }
    triggers:
      config:
        - { name: dbt, url: 'https://example.com/hook', payloadTemplate: '{"run":"{{run_id}}"}' }
`;

describe('readSpec', () => {
  it('reads all that is needed to run a materialization, defaults filled in', () => {
    const [task, ...others] = tasksOf(weather);
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      name: 'acmeCo/views/weather',
      connectorImage: '',
      isDisabled: false,
      endpoint: { kind: { name: 'sqlite' }, config: { path: 'weather.db', runtimeCheckpointOwner: 'endpoint' } },
      bindings: [
        {
          collection: 'acmeCo/weather',
          key: ['/date'],
          reduce: 'merge',
          resource: { table: 'weather', delta: false },
          resourcePath: ['weather'],
          isDelta: false,
        },
      ],
      transactions: { maxDocs: 10_000, minDurationMs: 0, maxDurationMs: 1_000 },
    });
    expect([...(task?.sources ?? [])]).toEqual([['acmeCo/weather', ['weather.ndjson']]]);
    expect(task?.triggers.map(({ name, target }) => [name, target])).toEqual([['dbt', 'https://example.com']]);
    expect(task?.endpoint?.kind).toBe(sqlite);
  });

  it('takes defaults, resource paths and delta from the connector', () => {
    const [task] = tasksOf(`
collections:
  acmeCo/a: { key: [/id, /at], source: { ndjson: [a.ndjson, 'more/*.ndjson'] } }
materializations:
  acmeCo/m:
    endpoint: { warehouse: { account: acme } }
    bindings:
      - { source: { name: acmeCo/a }, resource: { table: t, append: true } }
      - { source: acmeCo/a, resource: { schema: raw, table: t } }
`);
    expect(task?.endpoint?.config).toEqual({ account: 'acme', region: 'eu' });
    expect(
      task?.bindings.map(({ key, reduce, resourcePath, isDelta }) => [key, reduce, resourcePath, isDelta]),
    ).toEqual([
      [['/id', '/at'], 'last', ['public', 't'], true],
      [['/id', '/at'], 'last', ['raw', 't'], false],
    ]);
    expect([...(task?.sources ?? [])]).toEqual([['acmeCo/a', ['a.ndjson', 'more/*.ndjson']]]);
  });

  it('leaves disabled bindings out without looking at them, and says which materialization is disabled', () => {
    const { tasks, issues } = read(
      weather.replace(
        '    triggers:',
        '      - { source: 5, resource: { tabel: x }, disable: true }\n    shards: { disable: true }\n    triggers:',
      ),
    );
    expect(issues.map(({ message }) => message)).toEqual([]);
    expect(tasks.map(({ isDisabled, bindings }) => [isDisabled, bindings.length])).toEqual([[true, 1]]);
  });

  it.each([
    ['transactions: { maxDocs: 500, maxDuration: 1m 30s }', [500, 0, 90_000]],
    ['transactions: { maxDocs: 1000000, minDuration: 500ms }', [1_000_000, 500, 1_000]],
    ['transactions: {}', [10_000, 0, 1_000]],
    ['transactions:', [10_000, 0, 1_000]],
    ['shards: { minTxnDuration: 0s, maxTxnDuration: 5m }', [10_000, 0, 300_000]],
    ['shards: { minTxnDuration: 10s }', [10_000, 10_000, 10_000]],
    ['shards: { minTxnDuration: "0" }', [10_000, 0, 1_000]],
  ])('reads the limits of transactions from %s', (section, [maxDocs, minDurationMs, maxDurationMs]) => {
    const [task] = tasksOf(weather.replace('    triggers:', `    ${section}\n    triggers:`));
    expect(task?.transactions).toEqual({ maxDocs, minDurationMs, maxDurationMs });
  });

  it('lets transactions win over shards, and warns', () => {
    const { tasks, issues } = read(
      weather.replace(
        '    triggers:',
        '    transactions: { maxDuration: 2s }\n    shards: { maxTxnDuration: 5m }\n    triggers:',
      ),
    );
    expect(tasks[0]?.transactions.maxDurationMs).toBe(2_000);
    expect(issues).toEqual([
      {
        severity: 'warning',
        code: 'CONFIG_VALUE_UNUSED',
        pointer: '/materializations/acmeCo~1views~1weather/shards/maxTxnDuration',
        materialization: 'acmeCo/views/weather',
        line: 13,
        column: 31,
        message: 'transactions.maxDuration counts, and this does not. Remove one of them.',
      },
    ]);
  });

  it.each(['triggers: null', 'triggers:', ''])('reads %j as no triggers', (triggers) => {
    const [task] = tasksOf(weather.replace(/ {4}triggers:.*/s, `    ${triggers}\n`));
    expect(task?.triggers).toEqual([]);
  });

  it('tries templates with as many collections as are bound', () => {
    const oneObject = weather.replace('\'{"run":"{{run_id}}"}\'', "'{{#each collection_names}}{}{{/each}}'");
    expect(tasksOf(oneObject)[0]?.triggers).toHaveLength(1);
    const two = oneObject
      .replace(
        'materializations:',
        '  acmeCo/rain: { key: [/date], source: { ndjson: rain.ndjson } }\nmaterializations:',
      )
      .replace('    triggers:', '      - { source: acmeCo/rain, resource: { table: rain } }\n    triggers:');
    expect(read(two).issues).toEqual([
      expect.objectContaining({ code: 'CONFIG_TEMPLATE_INVALID', trigger: 'dbt', line: 16 }),
    ]);
  });

  it('reads anchors, aliases and merge keys', () => {
    const [first, second] = tasksOf(`
x-hook: &hook
  url: https://example.com/hook
  payloadTemplate: '{}'
  timeout: 5s
collections:
  acmeCo/a: &a { key: [/id], source: { ndjson: a.ndjson } }
  acmeCo/b:
    <<: *a
    source: { ndjson: b.ndjson }
materializations:
  acmeCo/m:
    endpoint: &endpoint { sqlite: { path: a.db } }
    bindings: [{ source: acmeCo/a, resource: { table: a } }, { source: acmeCo/b, resource: { table: b } }]
    triggers: { config: { one: *hook, two: { timeout: 9s, <<: [*hook, { timeout: 1s, maxAttempts: 7 }] } } }
  acmeCo/n:
    endpoint: *endpoint
    bindings: [{ source: acmeCo/a, resource: { table: n } }]
`);
    expect(first?.triggers.map(({ name, timeoutMs, maxAttempts }) => [name, timeoutMs, maxAttempts])).toEqual([
      ['one', 5_000, 3],
      ['two', 9_000, 7],
    ]);
    expect([...(first?.sources ?? [])]).toEqual([
      ['acmeCo/a', ['a.ndjson']],
      ['acmeCo/b', ['b.ndjson']],
    ]);
    expect(second?.endpoint?.config).toMatchObject({ path: 'a.db' });
  });

  it('takes "<<" in quotes, "__proto__" and "constructor" for fields like any other', () => {
    const { issues } = read(
      weather.replace(
        '{ sqlite: { path: weather.db } }',
        '{ sqlite: { path: w.db, "<<": 1, __proto__: 2, constructor: 3 } }',
      ),
    );
    expect(issues.map(({ pointer }) => pointer.split('/').at(-1))).toEqual(['<<', '__proto__', 'constructor']);
  });

  it('reads JSON, indented with tabs too', () => {
    const json = {
      collections: { 'acmeCo/a': { key: ['/id'], source: { ndjson: 'a.ndjson' } } },
      materializations: {
        'acmeCo/m': {
          endpoint: { sqlite: { path: 'a "b" \u{1F600}.db' } },
          bindings: [{ source: 'acmeCo/a', resource: { table: 'a' } }],
        },
      },
    };
    for (const text of [JSON.stringify(json), JSON.stringify(json, null, '\t'), JSON.stringify(json, null, 2)]) {
      expect(tasksOf(text)[0]?.endpoint?.config).toMatchObject({ path: 'a "b" \u{1F600}.db' });
    }
  });

  it('gives the same tasks for line ends of Windows and with a byte order mark', () => {
    const [expected] = tasksOf(weather);
    for (const text of [weather.replaceAll('\n', '\r\n'), `\uFEFF${weather}`]) {
      expect(JSON.stringify(tasksOf(text))).toBe(JSON.stringify([expected]));
    }
  });

  it('leaves out materializations with errors, and those whose collections have errors', () => {
    const { tasks, issues } = read(`
collections:
  acmeCo/a: { key: [/id], source: { ndjson: a.ndjson } }
  acmeCo/b: { key: [/id], source: { ndjson: [] } }
materializations:
  acmeCo/good: { endpoint: { sqlite: { path: a.db } }, bindings: [{ source: acmeCo/a, resource: { table: a } }] }
  acmeCo/bad: { endpoint: { sqlite: { path: 1 } }, bindings: [{ source: acmeCo/a, resource: { table: a } }] }
  acmeCo/worse: { endpoint: { sqlite: { path: c.db } }, bindings: [{ source: acmeCo/b, resource: { table: a } }] }
`);
    expect(tasks.map(({ name }) => name)).toEqual(['acmeCo/good']);
    expect(issues.map(({ materialization }) => materialization)).toEqual([undefined, 'acmeCo/bad']);
  });

  it('lets one collection be read from standard input into two tables, and a disabled materialization name it too', () => {
    const tasks = tasksOf(`
collections:
  acmeCo/a: { key: [/id], source: { ndjson: "-" } }
materializations:
  acmeCo/m:
    endpoint: { sqlite: { path: a.db } }
    bindings: [{ source: acmeCo/a, resource: { table: a } }, { source: acmeCo/a, resource: { table: b } }]
  acmeCo/n:
    endpoint: { sqlite: { path: b.db } }
    bindings: [{ source: acmeCo/a, resource: { table: a } }]
    shards: { disable: true }
`);
    expect(tasks.map(({ isDisabled }) => isDisabled)).toEqual([false, true]);
  });

  it('suggests collections in the first hundred errors, since each looks at all of them', () => {
    const bindings = Array.from(
      { length: 150 },
      (_, n) => `      - { source: acmeCo/wether, resource: { table: t${n} } }`,
    );
    const { issues } = read(
      [
        'collections: { acmeCo/weather: { key: [/id], source: { ndjson: w.ndjson } } }',
        'materializations:',
        '  acmeCo/m:',
        '    endpoint: { sqlite: { path: m.db } }',
        '    bindings:',
        ...bindings,
      ].join('\n'),
    );
    expect(issues).toHaveLength(150);
    expect(issues.map(({ message }) => message.includes('did you mean')).lastIndexOf(true)).toBe(99);
  });

  it('reads a catalog of 5,000 lines, and finds the one mistake in it', () => {
    const count = 700;
    const numbers = Array.from({ length: count }, (_, index) => index);
    const text = [
      'collections:',
      ...numbers.map((n) => `  acmeCo/c${n}:\n    key: [/id]\n    source: { ndjson: c${n}.ndjson }`),
      'materializations:',
      ...numbers.map(
        (n) =>
          `  acmeCo/m${n}:\n    endpoint: { sqlite: { path: m.db } }\n    bindings:\n      - source: acmeCo/c${n}\n        resource: { tabl${n === 600 ? '' : 'e'}: c${n} }`,
      ),
    ].join('\n');
    expect(text.split('\n').length).toBeGreaterThan(5_000);
    const { tasks, issues } = read(text);
    expect(tasks).toHaveLength(count - 1);
    const line = text.split('\n').findIndex((one) => one.includes('{ tabl:')) + 1;
    expect(issues.map(({ code, line, column }) => [code, line, column])).toEqual([['CONFIG_UNKNOWN_FIELD', line, 21]]);
  });
});
