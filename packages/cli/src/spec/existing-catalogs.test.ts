import { sqlite } from '@aftercommit/connector-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { webhook } from '@aftercommit/webhook';
import { describe, expect, it } from 'vitest';
import { readSpec } from './read-spec.js';

const installed = { registry: new TriggerKindRegistry([webhook]), connectors: [sqlite] };

/** Catalogs as they are written for other programs, each with what it says. */
const catalogs: Record<string, { text: string; images: string[] }> = {
  'a capture, its collections and a warehouse': {
    text: `
$schema: https://example.com/flow.schema.json
import:
  - ./shared/flow.yaml
captures:
  acmeCo/orders/source-postgres:
    autoDiscover: { addNewBindings: true }
    endpoint:
      connector:
        image: ghcr.io/acme/source-postgres:v3
        config: source-postgres.config.yaml
    interval: 5m
    bindings:
      - resource: { namespace: public, stream: orders, mode: "" }
        target: acmeCo/orders/public
collections:
  acmeCo/orders/public:
    writeSchema: orders.write.schema.yaml
    readSchema:
      allOf:
        - $ref: flow://write-schema
        - $ref: flow://inferred-schema
    key: [/order_id, /line~1item, /nested/id]
    projections:
      region: { location: /address/region, partition: true }
      total: /total
    journals:
      fragments: { retention: 720h, length: 536870912 }
    expectPubId: "0123456789abcdef"
materializations:
  acmeCo/orders/warehouse:
    sourceCapture: { capture: acmeCo/orders/source-postgres, deltaUpdates: true, targetNaming: prefixSchema }
    onIncompatibleSchemaChange: disableBinding
    endpoint:
      connector:
        image: ghcr.io/acme/materialize-snowflake:v4
        config:
          host: acme.example.com
          account: acme
          credentials: { auth_type: jwt, private_key_sops: "ENC[AES256_GCM,data:x,type:str]" }
          advanced: { updateDelay: 0s }
          sops: { version: 3.9.1 }
    bindings:
      - source:
          name: acmeCo/orders/public
          partitions: { include: { region: [EU, US] }, exclude: {} }
          notBefore: 2024-01-01T00:00:00Z
          notAfter: "2025-01-01T00:00:00Z"
        resource: { table: orders, schema: public, delta_updates: true, _meta: { path: [public, orders] } }
        priority: 2
        backfill: 3
        onIncompatibleSchemaChange: backfill
        fields:
          recommended: 1
          groupBy: [order_id]
          require: { total: { castToString: true } }
          exclude: [_meta/op]
      - source: acmeCo/elsewhere/customers
        resource: { table: customers }
        disable: true
      - source: acmeCo/elsewhere/items
        resource: { table: items }
    shards: { minTxnDuration: 30s, maxTxnDuration: 5m, logLevel: debug, hotStandbys: 1, ringBufferSize: 65536, readChannelSize: 4096 }
    expectPubId: "0123456789abcdef"
    triggers:
      config:
        - url: https://hooks.example.com/dbt
          method: POST
          headers: { Authorization: Bearer secret }
          payloadTemplate: |
            {"cause": "{{materialization_name}}", "collections": {{json collection_names}}}
          maxAttempts: 5
storageMappings:
  acmeCo/: { stores: [{ provider: S3, bucket: acme }] }
`,
    images: ['ghcr.io/acme/materialize-snowflake:v4'],
  },
  'derivations and tests': {
    text: `
collections:
  acmeCo/transfers:
    schema: { type: object, properties: { id: { type: integer }, sender: { type: string } }, required: [id] }
    key:
      - /id
  acmeCo/balances:
    schema:
      type: object
      required: [account]
      reduce: { strategy: merge }
      properties:
        account: { type: string }
        amount: { type: number, reduce: { strategy: sum } }
    key: [/account]
    derive:
      using: { sqlite: { migrations: [migrations.sql] } }
      transforms:
        - name: fromTransfers
          source: { name: acmeCo/transfers, partitions: { include: { x: [1] } } }
          shuffle: { key: [/sender] }
          lambda: select $sender, -$amount;
      shards: { disable: true }
tests:
  acmeCo/tests/balances:
    - ingest: { collection: acmeCo/transfers, documents: [{ id: 1, sender: alice }] }
    - verify: { collection: acmeCo/balances, documents: [{ account: alice, amount: -1 }] }
materializations:
  acmeCo/\u0438\u043c\u044f/views:
    endpoint: { local: { command: [my-connector, --verbose], config: { a: 1 }, env: { A: b }, protobuf: true } }
    bindings: [{ source: acmeCo/balances, resource: { table: balances } }]
  acmeCo/kafka:
    endpoint: { dekaf: { variant: generic, config: { token: secret, strict_topic_names: false } } }
    bindings: [{ source: acmeCo/balances, resource: { topic_name: balances } }]
    delete: false
    reset: true
`,
    images: ['', ''],
  },
  'bindings that a capture will add, and a materialization that is disabled': {
    text: `
materializations:
  acmeCo/empty:
    source: acmeCo/source
    endpoint: { connector: { image: "ghcr.io/acme/materialize-bigquery:v2", config: bigquery.yaml } }
    bindings: []
  acmeCo/off:
    endpoint: { flowSink: { image: ghcr.io/acme/old:v1, config: {} } }
    bindings:
      - { source: acmeCo/a, resource: { table: a }, partitions: { include: {} } }
    shards: { disable: true }
    triggers: null
`,
    images: ['ghcr.io/acme/materialize-bigquery:v2', 'ghcr.io/acme/old:v1'],
  },
};

describe('a catalog that was written for other programs', () => {
  it.each(Object.entries(catalogs))('is valid as it is: %s', (_title, { text, images }) => {
    const { tasks, issues } = readSpec(text, 'flow.yaml', installed);
    expect(issues).toEqual([]);
    expect(tasks.map(({ connectorImage }) => connectorImage)).toEqual(images);
    expect(tasks.map(({ endpoint }) => endpoint)).toEqual(images.map(() => undefined));
  });

  it('gives bindings, limits and triggers also where no connector is installed', () => {
    const { text } = catalogs['a capture, its collections and a warehouse'] ?? { text: '' };
    const [task] = readSpec(text, 'flow.yaml', installed).tasks;
    expect(task?.bindings.map(({ collection, key, resource }) => [collection, key, resource['table']])).toEqual([
      ['acmeCo/orders/public', ['/order_id', '/line~1item', '/nested/id'], 'orders'],
      ['acmeCo/elsewhere/items', [], 'items'],
    ]);
    expect(task?.transactions).toEqual({ maxDocs: 10_000, minDurationMs: 30_000, maxDurationMs: 300_000 });
    expect(task?.triggers.map(({ maxAttempts }) => maxAttempts)).toEqual([5]);
  });

  it('may have sealed triggers, which are not looked at and are warned of', () => {
    const sealed = 'triggers: { config: [{ url: "ENC[AES256_GCM,data:x,type:str]" }], sops: { version: 3.9.1 } }';
    const text = (endpoint: string) => `
collections:
  acmeCo/a: { key: [/id], source: { ndjson: a.ndjson } }
materializations:
  acmeCo/m:
    endpoint: ${endpoint}
    bindings: [{ source: acmeCo/a, resource: { table: a } }]
    ${sealed}
`;
    const elsewhere = readSpec(text('{ connector: { image: a, config: {} } }'), 'flow.yaml', installed);
    expect(elsewhere.issues).toEqual([
      {
        severity: 'warning',
        code: 'CONFIG_SEALED',
        pointer: '/materializations/acmeCo~1m/triggers/sops',
        materialization: 'acmeCo/m',
        line: 8,
        column: 71,
        message: 'These triggers are sealed, and were not checked. Unseal them before they are used.',
      },
    ]);
    expect(elsewhere.tasks).toHaveLength(1);
    const here = readSpec(text('{ sqlite: { path: a.db } }'), 'flow.yaml', installed);
    expect(here.issues).toMatchObject([{ severity: 'error', code: 'CONFIG_SEALED' }]);
    expect(here.tasks).toEqual([]);
  });

  it('may have fields that are not known yet, but none that look misspelt', () => {
    const { issues } = readSpec(
      `
futureSection: {}
colections: {}
collections:
  acmeCo/a: { key: [/id], retention: 1d, schemas: {}, wirteSchema: {} }
materializations:
  acmeCo/m:
    endpoint: { connector: { image: a, cofnig: {}, port: 1 } }
    future: 1
    sourceCaptur: x
    bindings:
      - { source: { name: acmeCo/a, notBefor: x, future: 1 }, resource: {}, disabel: false, future: 1 }
    shards: { future: 1, maxTxnDuratoin: 1s }
`,
      'flow.yaml',
      installed,
    );
    expect(issues.map(({ code, pointer }) => `${code} ${pointer.split('/').at(-1)}`)).toEqual(
      ['colections', 'schemas', 'wirteSchema', 'cofnig', 'sourceCaptur', 'notBefor', 'disabel', 'maxTxnDuratoin'].map(
        (name) => `CONFIG_UNKNOWN_FIELD ${name}`,
      ),
    );
    for (const { message } of issues) expect(message).toContain('did you mean');
  });
});
