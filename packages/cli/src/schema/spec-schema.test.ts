import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JsonObject, jsonPointer } from '@aftercommit/models';
import { Ajv } from 'ajv';
import { globSync } from 'tinyglobby';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { testIo } from '../../test/command-line-bench.js';
import { builtInKinds } from '../kinds/installed-kinds.js';
import { runCommandLine } from '../run-command-line.js';
import { catalogFields } from '../spec/catalog-fields.js';
import { catalogNamePattern, catalogNameProblem } from '../spec/catalog-name.js';
import { collectionKeyProblems, keyPointerPattern } from '../spec/collection-key.js';
import { parseSpec } from '../spec/parse-spec.js';
import { readSpec } from '../spec/read-spec.js';
import { connectors } from '../validate/spec-file.js';
import { specSchema } from './spec-schema.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const { registry, egress } = builtInKinds({ allowCommand: ['/usr/bin/true'] }, { env: {} });
const installed = { registry, egress, connectors };

const schema = specSchema(installed);
const accepts = new Ajv({ strict: false }).compile(schema);

/** The codes of errors that `validate` finds in a spec. */
function errorsIn(text: string): string[] {
  const { issues } = readSpec(text, 'spec.yaml', installed);
  return issues.flatMap(({ severity, code }) => (severity === 'error' ? [code] : []));
}

/** What a program that reads YAML hands to the schema. */
function valueIn(text: string): unknown {
  return parseSpec(text, 'spec.yaml').root;
}

describe('specs of pages and examples that validate', () => {
  const pages = globSync(['*.md', '{packages,plugins,examples,docs}/**/*.md'], {
    cwd: root,
    ignore: ['**/node_modules/**'],
  });
  const blocks = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
      ([, code = ''], index) => [`${page}, block ${index + 1}`, code] as const,
    ),
  );
  const files = globSync(['examples/**/*.yaml'], { cwd: root, ignore: ['**/node_modules/**'] });
  const examples = files.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const);
  /** Triggers in a file of their own are read by nobody here. */
  const isWhole = (text: string): boolean => !/^ *triggers: [\w.-]+$/m.test(text);
  const specs = [...blocks, ...examples].filter(([, text]) => /^materializations:/m.test(text) && isWhole(text));

  /** Kinds of plugins, which are not loaded here. */
  const ofPlugins = ['CONFIG_UNKNOWN_KIND', 'PLUGIN_NOT_ALLOWED'];
  const valid = specs.filter(([, text]) => errorsIn(text).length === 0);

  test('are all that there are, but for those with plugins', () => {
    expect(valid.length).toBeGreaterThan(2);
    const others = specs.flatMap(([name, text]) => errorsIn(text).map((code) => ({ name, code })));
    expect(others.filter(({ code }) => !ofPlugins.includes(code))).toEqual([]);
  });

  test.each(valid)('%s: the schema accepts it', (_name, text) => {
    accepts(valueIn(text));
    expect(accepts.errors).toBeNull();
  });
});

/** Everything that is read, once. */
const full = `
plugins: []
collections:
  acme/orders:
    key: [/shop, /id]
    source: { ndjson: [a.ndjson, "b/*.ndjson"] }
    reduce: merge
    schema: {}
  acme/users: { key: [/id], source: { ndjson: users.ndjson } }
materializations:
  acme/views:
    endpoint: { sqlite: { path: a.db, runtimeCheckpointOwner: store } }
    bindings:
      - { source: acme/orders, resource: { table: orders, delta: true }, disable: false, partitions: null }
      - { source: { name: acme/users, notBefore: null }, resource: { table: users } }
    transactions: { maxDocs: 10, maxDuration: 2s, minDuration: 1s }
    shards: { disable: false, hotStandbys: 1 }
    triggers:
      interval: 10m
      config:
        hook: { url: https://example.com/a, payloadTemplate: '{}', headers: { a: b }, timeout: 5s, maxAttempts: 2 }
        slack: { kind: slack, secretUrl: https://hooks.slack.com/services/a, onFailure: park, interval: 1h }
        dbt: { kind: dbt-cloud, account: 1, job: 2, token: a, payloadTemplate: '{}' }
        local: { kind: command, program: /usr/bin/true, args: [a], payloadTemplate: '{}' }
  acme/postgres:
    endpoint: { postgres: { address: db, database: shop, user: writer, tls: { mode: off } } }
    bindings: [{ source: acme/users, resource: { table: users, schema: public } }]
    triggers:
      config: [{ url: https://example.com/b, name: one, payloadTemplate: '{}' }]
  acme/elsewhere:
    endpoint: { connector: { image: ghcr.io/acme/connector:v1, config: {} } }
    bindings: [{ source: acme/none, resource: { anything: 1 }, partitions: {} }]
`.replace('mode: off', 'mode: "off"');

/** Every change of one place: what it may be changed to, what may be missing, and what may be there as well. */
function changesOf(value: unknown): Array<[what: string, value: unknown]> {
  const changes: Array<[string, unknown]> = [];
  const visit = (node: unknown, path: Array<string | number>): void => {
    const change = (what: string, edit: (copy: JsonObject, last: string) => void): void => {
      const copy = structuredClone(value);
      const [owner, last] = [path.slice(0, -1), path.at(-1)];
      edit(
        owner.reduce((at, name) => (at as JsonObject)[String(name)] as JsonObject, copy as JsonObject) as JsonObject,
        String(last),
      );
      changes.push([`${jsonPointer(path)}: ${what}`, copy]);
    };
    if (path.length > 0) {
      for (const other of [null, true, -1, 5, '', 'x', 'a/b', '10s', [], ['x'], {}, { x: 1 }]) {
        change(JSON.stringify(other), (at, last) => {
          at[last] = other;
        });
      }
      if (typeof path.at(-1) === 'string') {
        change('missing', (at, last) => {
          delete at[last];
        });
        change('misspelt', (at, last) => {
          at[`${last}x`] = at[last] ?? null;
          delete at[last];
        });
      }
    }
    if (typeof node !== 'object' || node === null) return;
    for (const [name, inner] of Object.entries(node))
      visit(inner, [...path, Array.isArray(node) ? Number(name) : name]);
  };
  visit(value, []);
  return changes;
}

/** What needs more than a schema: other parts of the spec, the operator's options, a template's text, the word of a kind. */
const unseen = new Set([
  'CONFIG_UNKNOWN_COLLECTION',
  'PLUGIN_NOT_ALLOWED',
  'CONFIG_KIND_REFUSED',
  'CONFIG_TEMPLATE_INVALID',
]);

const unseenChanges = [
  // Others add fields there, and only validate looks for what is nearly one of ours.
  /^\/[^/]+: misspelt$/,
  /^\/collections\/[^/]+\/[^/]+: misspelt$/,
  /\/shards\/[^/]+: misspelt$/,
  /^\/materializations\/acme~1elsewhere\/.*: misspelt$/,
  // A collection that nobody reads here needs no key and no source.
  /^\/collections\/[^/]+: \{.*\}$/,
  /^\/collections\/[^/]+\/(key|source): missing$/,
  // Longer than maxDuration.
  /\/transactions\/minDuration: "10s"$/,
  // The name of a file, which validate reads.
  /\/triggers: "[^"]+"$/,
];

describe('a spec that is changed in one place', () => {
  const changes = changesOf(parse(full)).map(
    ([what, value]) => ({ what, value, errors: errorsIn(JSON.stringify(value)), isAccepted: accepts(value) }) as const,
  );

  test('is accepted as it was', () => {
    expect(errorsIn(full)).toEqual([]);
    accepts(parse(full));
    expect(accepts.errors).toBeNull();
  });

  test('the schema accepts whatever validate accepts', () => {
    const refused = changes.filter(({ errors, isAccepted }) => errors.length === 0 && !isAccepted);
    expect(refused.map(({ what }) => what)).toEqual([]);
    expect(changes.filter(({ isAccepted }) => isAccepted).length).toBeGreaterThan(100);
  });

  test('the schema refuses what validate refuses, as far as a schema can see', () => {
    const seen = changes.filter(({ errors }) => errors.length > 0);
    const missed = seen.filter(({ isAccepted, errors }) => isAccepted && !errors.every((code) => unseen.has(code)));
    expect(seen.length).toBeGreaterThan(500);
    expect(missed.filter(({ what }) => !unseenChanges.some((one) => one.test(what))).map(({ what }) => what)).toEqual(
      [],
    );
  });
});

describe('names and keys', () => {
  const names = ['', 'a', 'a/b', '/a', 'a/', 'a//b', 'é', 'a b', 'a.b-c_d', '日本/1', 'a:b'];
  test.each(names)('the pattern of names agrees on %j', (name) => {
    expect(new RegExp(catalogNamePattern, 'u').test(name)).toBe(catalogNameProblem(name) === undefined);
  });

  test.each(['', '/', '/a', 'a', '/a~b', '/a~0b', '/a~1/b', '/~'])('the pattern of keys agrees on %j', (pointer) => {
    expect(new RegExp(keyPointerPattern, 'u').test(pointer)).toBe(collectionKeyProblems([pointer]).length === 0);
  });
});

test('editors propose every field that is read, and say what it is', () => {
  const text = JSON.stringify(schema);
  for (const name of [...catalogFields.collection, ...catalogFields.materialization, ...catalogFields.binding]) {
    expect(text).toContain(`"${name}":`);
  }
  expect(text).toContain('Where the payload is sent: http or https, without user and password.');
  expect(text).toContain('"enum":["block","park"]');
});

describe('aftercommit schema', () => {
  test('prints it', async () => {
    const io = testIo(root);
    expect(await runCommandLine(['schema'], io)).toBe(0);
    expect(JSON.parse(io.stdout.text)).toEqual(schema);
  });

  test('as JSON is one line', async () => {
    const io = testIo(root);
    expect(await runCommandLine(['schema', '--json'], io)).toBe(0);
    expect(io.stdout.objects).toEqual([{ event: 'schema', schema }]);
  });

  const pager = `export const pager = {
    contractVersion: 1,
    kind: 'pager',
    configSchema: { type: 'object', required: ['room'], properties: { room: { type: 'string' } } },
    describeTarget: () => 'pager:',
    open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
  };`;
  let withPager: (value: unknown) => boolean;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aftercommit-schema-'));
    writeFileSync(join(folder, 'pager.mjs'), pager);
    const io = testIo(folder);
    await runCommandLine(['schema', '--plugin', './pager.mjs'], io);
    withPager = new Ajv({ strict: false }).compile(JSON.parse(io.stdout.text));
    rmSync(folder, { recursive: true });
  });

  test.each([
    [{ kind: 'pager', room: 'a', payloadTemplate: '{}' }, true],
    [{ kind: 'pager', rom: 'a', payloadTemplate: '{}' }, false],
    [{ kind: 'pagr', room: 'a', payloadTemplate: '{}' }, false],
  ])('knows the kinds of plugins: %j', (trigger, isAccepted) => {
    const spec = parse(full);
    spec.materializations['acme/views'].triggers.config = [trigger];
    expect(withPager(spec)).toBe(isAccepted);
    expect(accepts(spec)).toBe(false);
  });

  test('a plugin that cannot be used is said to be', async () => {
    const io = testIo(root);
    expect(await runCommandLine(['schema', '--plugin', './none.mjs'], io)).toBe(2);
    expect(io.stderr.text).toContain('PLUGIN_NOT_FOUND');
  });
});
