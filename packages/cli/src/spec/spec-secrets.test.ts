import { TriggerKindRegistry } from '@aftercommit/registry';
import { defineConnectorKind } from '@aftercommit/runtime-adapter';
import { webhook } from '@aftercommit/webhook';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { readSpec } from './read-spec.js';

const vault = defineConnectorKind({
  name: 'vault',
  configSchema: Type.Object({ host: Type.String({ maxLength: 3 }), port: Type.Integer() }),
  resourceSchema: Type.Object({ table: Type.String({ pattern: '^[a-z]+$' }) }),
  resourcePath: ({ table }) => [table],
  connect: () => {
    throw new Error('Nothing is connected while a spec is read.');
  },
});

describe('what is said about a spec', () => {
  it('never shows a value of an endpoint, a resource or a trigger, wherever it was put', () => {
    const { issues } = readSpec(
      `
collections:
  acmeCo/a: { key: [/id], source: { ndjson: a.ndjson } }
materializations:
  acmeCo/m:
    endpoint: { vault: { host: hunter2-host, port: hunter2, password: hunter2 } }
    bindings:
      - { source: acmeCo/a, resource: { table: HUNTER2, token: hunter2 } }
    triggers:
      config:
        - name: one
          url: https://example.com/?hunter2
          method: hunter2
          token: hunter2
          headers: { Authorization: "hunter2\\nhunter2", X-Count: 2 }
          payloadTemplate: '{{headers.Authorisation}}'
        - name: two
          url: https://user:hunter2@example.com
          headers: hunter2
          payloadTemplate: '{}'
`,
      'a.yaml',
      { registry: new TriggerKindRegistry([webhook]), connectors: [vault] },
    );
    expect(issues.length).toBeGreaterThan(8);
    expect(JSON.stringify(issues).toLowerCase()).not.toContain('hunter2');
  });
});
