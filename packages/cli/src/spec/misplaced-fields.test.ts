import { sqlite } from '@aftercommit/connector-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { webhook } from '@aftercommit/webhook';
import { describe, expect, it } from 'vitest';
import { readSpec } from './read-spec.js';

const installed = { registry: new TriggerKindRegistry([webhook]), connectors: [sqlite] };

const spec = `collections:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materializations:
  a/one:
    endpoint: { sqlite: { path: out.db } }
    bindings: [{ source: a/b, resource: { table: one } }]
`;

const issuesOf = (more: string) =>
  readSpec(`${spec}${more}`, 'a.yaml', installed).issues.map(
    ({ code, line, column, message }) => `${code} ${line}:${column} ${message}`,
  );

describe('a field at the top of the file that belongs further down', () => {
  it.each([
    ['a/two:\n  endpoint: { sqlite: { path: out.db } }\n', '"a/two"', 'a materialization, below materializations'],
    ['two: { bindings: [], source: x }\n', '"two"', 'a materialization, below materializations'],
    ['a/c:\n  key: [/id]\n', '"a/c"', 'a collection, below collections'],
    ['c: { source: { ndjson: c.ndjson } }\n', '"c"', 'a collection, below collections'],
    ['a/d:\n', '"a/d"', 'below collections or materializations'],
    ['triggers:\n  config: []\n', '"triggers"', 'a field of a materialization'],
    ['bindings: []\n', '"bindings"', 'a field of a materialization'],
    ['transactions: { maxDocs: 1 }\n', '"transactions"', 'a field of a materialization'],
    ['shards: { disable: true }\n', '"shards"', 'a field of a materialization'],
    ['endpoint: { sqlite: { path: x } }\n', '"endpoint"', 'a field of a materialization'],
    ['key: [/id]\n', '"key"', 'a field of a collection'],
    ['source: a/b\n', '"source"', 'a field of a collection or a materialization'],
  ])('is an error that says where: %j', (more, name, where) => {
    const issues = issuesOf(more);
    expect(issues).toEqual([expect.stringMatching(/^CONFIG_UNKNOWN_FIELD 7:1 /)]);
    expect(issues[0]).toContain(`${name} stands at the top of the file, and looks like `);
    expect(issues[0]).toContain(where);
    expect(issues[0]).toContain('Indent it');
  });

  it('is an error where all of it was indented too little', () => {
    const dedented = spec.replace('materializations:\n  a/one:', 'materializations:\na/one:');
    expect(readSpec(dedented, 'a.yaml', installed).issues).toMatchObject([
      { severity: 'error', line: 4, column: 1, message: expect.stringContaining('below materializations') },
    ]);
  });

  it.each([
    'futureSection: { a: 1 }\n',
    'x-defaults: { endpoint: {}, bindings: [] }\n',
    'x-a/b: { key: [/id] }\n',
    'npmDependencies: { source: "1", "@a/b": "2" }\n',
    'nodeDependencies: { key: "1" }\n',
    'captures: { a/c: { endpoint: {}, bindings: [] } }\n',
  ])('is not one that others read: %j', (more) => {
    expect(issuesOf(more)).toEqual([]);
  });
});
