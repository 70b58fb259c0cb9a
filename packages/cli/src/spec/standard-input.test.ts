import { sqlite } from '@aftercommit/connector-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { describe, expect, it } from 'vitest';
import { readSpec } from './read-spec.js';

const installed = { registry: new TriggerKindRegistry([]), connectors: [sqlite] };

/** Two collections on standard input, and materializations that read them: each its bindings and other fields. */
function read(...materializations: string[]): string[] {
  const text = [
    'collections:',
    '  acmeCo/a: { key: [/id], source: { ndjson: "-" } }',
    '  acmeCo/b: { key: [/id], source: { ndjson: ["-"] } }',
    'materializations:',
    ...materializations.map((fields, index) => `  acmeCo/m${index}: { ${fields} }`),
  ].join('\n');
  const { issues } = readSpec(text, 'a.yaml', installed);
  return issues.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
}

const endpoint = 'endpoint: { sqlite: { path: a.db } }';

describe('standard input', () => {
  it('is read by one collection alone', () => {
    expect(
      read(
        `${endpoint}, bindings: [{ source: acmeCo/a, resource: { table: a } }, { source: acmeCo/b, resource: { table: b } }]`,
      ),
    ).toEqual([
      '5:121 CONFIG_SOURCE_INVALID Collection "acmeCo/b" is read from standard input, which collection acmeCo/a reads already. Use a file for one of them.',
    ]);
  });

  it('is read in one materialization alone', () => {
    const fields = (table: string) => `${endpoint}, bindings: [{ source: acmeCo/a, resource: { table: ${table} } }]`;
    expect(read(fields('a'), fields('b'), fields('c')).map((issue) => issue.slice(0, 29))).toEqual([
      '6:75 CONFIG_SOURCE_INVALID Co',
      '7:75 CONFIG_SOURCE_INVALID Co',
    ]);
    expect(read(fields('a'), fields('b')).join()).toContain('materialization acmeCo/m0 reads already');
  });

  it('may be named by what is disabled, and by what runs elsewhere', () => {
    const bindings = 'bindings: [{ source: acmeCo/a, resource: { table: a } }]';
    expect(
      read(
        `${endpoint}, ${bindings}, shards: { disable: true }`,
        `endpoint: { connector: { image: a, config: {} } }, ${bindings}`,
        `${endpoint}, ${bindings}`,
      ),
    ).toEqual([]);
  });
});
