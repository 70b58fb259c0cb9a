import { annotated, isJsonObject, type JsonObject } from '@aftercommit/models';
import Type, { type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { defineTriggerKind, type TriggerKind } from './trigger-kind.js';
import { TriggerKindRegistry } from './trigger-kind-registry.js';
import { triggersSchema } from './triggers-schema.js';
import { validateTriggers } from './validate-triggers.js';

const webhook = defineTriggerKind({
  contractVersion: 1,
  kind: 'webhook',
  configSchema: Type.Object({
    url: Type.String({ title: 'URL', description: 'Where the payload goes.' }),
    headers: Type.Optional(
      Type.Record(Type.String(), annotated(Type.String(), { secret: true }), {
        title: 'Headers',
        description: 'Sent along.',
        default: {},
      }),
    ),
  }),
  describeTarget: () => 'https:',
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
});

const log = defineTriggerKind({
  contractVersion: 1,
  kind: 'log',
  configSchema: Type.Object({
    prefix: Type.String({ title: 'Prefix', description: 'Begins each line.', default: 'committed' }),
    token: annotated(Type.Optional(Type.String({ title: 'Token', description: 'A secret.' })), { secret: true }),
  }),
  describeTarget: () => 'log:',
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
});

const sets: Array<[string, TriggerKind[]]> = [
  ['the default kind alone', [webhook]],
  ['several kinds', [log, webhook]],
];
const hook = { url: 'https://example.com', payloadTemplate: '{}' };
const line = { kind: 'log', payloadTemplate: '{}' };
const full = { name: 'a', timeout: '1h 30m', maxAttempts: 0, interval: '0s', onFailure: 'block' };

/** As an editor has it: without what TypeBox keeps beside the JSON. */
function schemaOf(kinds: TriggerKind[]): TSchema {
  return JSON.parse(JSON.stringify(triggersSchema(new TriggerKindRegistry(kinds))));
}

describe('triggersSchema', () => {
  describe.each(sets)('of %s', (_what, kinds) => {
    const schema = schemaOf(kinds);
    const registry = new TriggerKindRegistry(kinds);

    it.each([
      [{ config: [] }],
      [{ config: {} }],
      [{ config: [hook] }],
      [{ config: { 'my-hook.1': hook } }],
      [{ config: { constructor: hook } }],
      [{ interval: '30m', config: [{ ...hook, ...full, kind: 'webhook', headers: { 'X-Key': 's' } }] }],
      [{ interval: '0', config: { a: { ...hook, ...full } } }],
    ])('accepts %j, as validateTriggers does', (value) => {
      expect(errorsOf(value, registry)).toEqual([]);
      expect(Value.Check(schema, value)).toBe(true);
    });

    it.each([
      [{}],
      [{ config: 'x' }],
      [{ config: [hook], other: 1 }],
      [{ config: [hook], sops: {} }],
      [{ config: [null] }],
      [{ config: [{ ...hook, other: 1 }] }],
      [{ config: { a: { ...hook, Method: 'x' } } }],
      [{ config: { '-a': hook } }],
      [{ config: { dbt_sops: hook } }],
      [{ config: [{ ...hook, name: 'a b' }] }],
      [{ config: [{ payloadTemplate: '{}' }] }],
      [{ config: [{ url: 'https://example.com' }] }],
      [{ config: [{ ...hook, kind: 'amqp' }] }],
      [{ config: [{ ...hook, timeout: '30' }] }],
      [{ config: [{ ...hook, timeout: 30 }] }],
      [{ config: [{ ...hook, interval: 'soon' }] }],
      [{ interval: 5, config: [] }],
      [{ config: [{ ...hook, maxAttempts: -1 }] }],
      [{ config: [{ ...hook, onFailure: 'drop' }] }],
      [{ config: [{ ...hook, headers: { a: 5 } }] }],
      [JSON.parse('{"config":[],"__proto__":1}')],
      [JSON.parse('{"config":{"__proto__":{"url":"u","payloadTemplate":""}}}')],
      [JSON.parse('{"config":[{"url":"u","payloadTemplate":"","constructor":1}]}')],
    ])('refuses %j, as validateTriggers does', (value) => {
      expect(errorsOf(value, registry)).not.toEqual([]);
      expect(Value.Check(schema, value)).toBe(false);
    });

    it('gives every field a title and a description', () => {
      const fields = fieldsOf(schema);
      expect(fields.length).toBeGreaterThan(10);
      expect(fields.filter(([, { title, description }]) => !title || !description).map(([name]) => name)).toEqual([]);
    });

    it('hides what seals a configuration', () => {
      expect(JSON.stringify(fieldsOf(schema).map(([name]) => name))).not.toContain('sops');
    });
  });

  it('asks for the kind where it is not the default one', () => {
    const schema = schemaOf([log, webhook]);
    expect(Value.Check(schema, { config: [line] })).toBe(true);
    expect(Value.Check(schema, { config: [{ ...line, kind: undefined }] })).toBe(false);
    expect(Value.Check(schemaOf([log]), { config: [{ payloadTemplate: '{}' }] })).toBe(false);
  });

  it('lets a field with a default be left out, as validateTriggers does', () => {
    const { triggers, issues } = validateTriggers({ config: [line] }, new TriggerKindRegistry([log]));
    expect(issues).toEqual([]);
    expect(triggers.map(({ config }) => config)).toEqual([{ prefix: 'committed' }]);
  });

  it('carries the defaults, each kind its own name', () => {
    const defaults = fieldsOf(schemaOf([log, webhook])).flatMap(([name, field]) =>
      'default' in field ? [`${name}: ${JSON.stringify(field['default'])}`] : [],
    );
    expect(new Set(defaults)).toEqual(
      new Set([
        'kind: "log"',
        'kind: "webhook"',
        'timeout: "30s"',
        'maxAttempts: 3',
        'onFailure: "block"',
        'prefix: "committed"',
        'headers: {}',
      ]),
    );
  });

  it('carries the annotations', () => {
    const annotatedAs = (annotation: string) =>
      new Set(fieldsOf(schemaOf([log])).flatMap(([name, field]) => (field[annotation] === true ? [name] : [])));
    expect(annotatedAs('secret')).toEqual(new Set(['token']));
    expect(annotatedAs('nonsensitive')).toEqual(
      new Set(['interval', 'payloadTemplate', 'timeout', 'maxAttempts', 'onFailure']),
    );
  });

  it('accepts no trigger when no kind is registered', () => {
    const schema = schemaOf([]);
    expect(Value.Check(schema, { config: [] })).toBe(true);
    expect(Value.Check(schema, { config: [hook] })).toBe(false);
  });

  it('names its dialect', () => {
    expect(schemaOf([webhook])).toHaveProperty('$schema', 'https://json-schema.org/draft/2020-12/schema');
  });
});

function errorsOf(value: unknown, registry: TriggerKindRegistry): unknown[] {
  return validateTriggers(value, registry).issues.filter(({ severity }) => severity === 'error');
}

/** Every field that a schema declares, however deep. */
function fieldsOf(schema: unknown): Array<[name: string, field: JsonObject]> {
  if (Array.isArray(schema)) return schema.flatMap(fieldsOf);
  if (!isJsonObject(schema)) return [];
  const { properties } = schema;
  const own = isJsonObject(properties) ? Object.entries(properties) : [];
  const named = own.flatMap(([name, field]) => (isJsonObject(field) ? [[name, field] as [string, JsonObject]] : []));
  return [...named, ...Object.values(schema).flatMap(fieldsOf)];
}
