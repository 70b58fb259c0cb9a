import { kindSchemasOf, restoreTriggers, stripTriggers } from '@aftercommit/models';
import Type, { type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { webhook } from '../test/sample-kinds.js';
import { defineTriggerKind } from './trigger-kind.js';
import { TriggerKindRegistry } from './trigger-kind-registry.js';
import { triggersSchema } from './triggers-schema.js';
import { validateTriggers } from './validate-triggers.js';

const page = defineTriggerKind({
  contractVersion: 1,
  kind: 'page',
  configSchema: Type.Object({ room: Type.String({ title: 'Room', description: 'Who is paged.' }) }),
  defaultPayloadTemplate: '{"run":"{{run_id}}"}',
  describeTarget: ({ room }) => `page:${room}`,
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
});
const registry = new TriggerKindRegistry([page, webhook]);
/** As an editor has it. */
const schema: TSchema = JSON.parse(JSON.stringify(triggersSchema(registry)));
const hook = { url: 'https://example.com' };

describe('a kind with a default template', () => {
  it('lets its triggers do without one, and those that have one use that', () => {
    const own = { kind: 'page', room: 'b', payloadTemplate: '{}' };
    const { triggers, issues } = validateTriggers({ config: [{ kind: 'page', room: 'a' }, own] }, registry);
    expect(issues).toEqual([]);
    expect(triggers.map(({ payloadTemplate }) => payloadTemplate)).toEqual(['{"run":"{{run_id}}"}', '{}']);
  });

  it('shows it in the composed schema, where the field is optional', () => {
    expect(Value.Check(schema, { config: { a: { kind: 'page', room: 'a' } } })).toBe(true);
    expect(JSON.stringify(schema)).toContain(JSON.stringify({ default: '{"run":"{{run_id}}"}' }).slice(1, -1));
    expect(triggersSchema(registry)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  });

  it.each([
    ['null', null],
    ['a number', 5],
  ])('does not put it in the place of %s', (_, payloadTemplate) => {
    const config = [{ kind: 'page', room: 'a', payloadTemplate }];
    expect(validateTriggers({ config }, registry)).toMatchObject({
      triggers: [],
      issues: [{ code: 'CONFIG_INVALID', pointer: '/config/0/payloadTemplate' }],
    });
    expect(Value.Check(schema, { config })).toBe(false);
  });

  it('makes it optional for no other kind', () => {
    expect(validateTriggers({ config: [hook] }, registry)).toMatchObject({
      triggers: [],
      issues: [{ code: 'CONFIG_INVALID', pointer: '/config/0/payloadTemplate' }],
    });
    expect(Value.Check(schema, { config: [hook] })).toBe(false);
  });

  it('says of its triggers without "config" around them where they belong', () => {
    const { issues } = validateTriggers({ night: { kind: 'page', room: 'a' } }, registry);
    expect(issues.map(({ message }) => message).join(' ')).toContain('Put what is here inside of it.');
  });

  it('is stripped and restored as it was by an editor, which knows the composed schema alone', () => {
    const schemaOf = kindSchemasOf(schema);
    const filled = {
      config: {
        without: { kind: 'page', room: 'a', timeout: '5s' },
        with: { kind: 'page', room: 'b', payloadTemplate: '{"a":1}' },
      },
    };
    const stripped = stripTriggers(filled, schemaOf);
    expect(stripped).toEqual({
      config: { without: { kind: 'page', room: 'a' }, with: { kind: 'page', room: 'b', payloadTemplate: '' } },
    });
    expect(restoreTriggers(stripped, filled, schemaOf)).toEqual(filled);
  });
});

it.each([null, 5, {}, ['{}']])('a default template that is %j is refused by name', (defaultPayloadTemplate) => {
  expect(() => new TriggerKindRegistry([{ ...page, defaultPayloadTemplate } as never])).toThrow(
    expect.objectContaining({
      code: 'KIND_TEMPLATE_INVALID',
      message:
        'Trigger kind "page" has a defaultPayloadTemplate that is not a text. Write the template, or leave it away.',
    }),
  );
});
