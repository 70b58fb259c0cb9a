import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { annotated } from './annotations.js';
import { kindSchemasOf } from './composed-schema.js';
import { restoreTriggers, stripTriggers } from './strip-triggers.js';
import { triggerSchema } from './trigger-schema.js';

const token = annotated(Type.String(), { secret: true });
const note = annotated(Type.String(), { nonsensitive: true });
const webhook = Type.Object({ url: Type.String(), note: Type.String() }, { additionalProperties: false });
const own = Type.Object({ token, note: Type.Optional(note) }, { additionalProperties: false });

/** As the registry composes it, and as it arrives in a browser. */
function composed(kinds: Record<string, typeof webhook | typeof own>): unknown {
  const triggers = Object.entries(kinds).map(([kind, schema]) => triggerSchema(kind, schema));
  const trigger = triggers.length === 1 && triggers[0] !== undefined ? triggers[0] : Type.Union(triggers);
  const config = Type.Union([Type.Array(trigger), Type.Record(Type.String(), trigger)]);
  return JSON.parse(JSON.stringify(Type.Object({ config })));
}

describe('the kinds of a composed schema', () => {
  it.each([{ webhook }, { webhook, own }])('are found in it, each with its own fields alone: %o', (kinds) => {
    const schemaOf = kindSchemasOf(composed(kinds));
    for (const [kind, { properties }] of Object.entries(kinds)) {
      expect(schemaOf(kind)?.properties).toEqual(JSON.parse(JSON.stringify(properties)));
      expect(schemaOf(kind)).toMatchObject({ additionalProperties: false });
    }
    expect(schemaOf('unknown')).toBeUndefined();
  });

  it('strip and restore a field as its own kind has it, whatever others call so', () => {
    const schemaOf = kindSchemasOf(composed({ webhook, own }));
    const config = {
      one: { url: 'u', note: 'protected', payloadTemplate: '{}', timeout: '3s' },
      two: { kind: 'own', token: 's', note: 'free', payloadTemplate: '{}' },
    };
    const stripped = stripTriggers({ config }, schemaOf);
    expect(stripped).toEqual({
      config: {
        one: { url: 'u', note: 'protected', payloadTemplate: '' },
        two: { kind: 'own', token: 's', payloadTemplate: '' },
      },
    });
    expect(restoreTriggers(stripped, { config }, schemaOf)).toEqual({ config });
  });

  it.each([
    undefined,
    null,
    {},
    { properties: {} },
    webhook,
    { properties: { config: { anyOf: [{ type: 'array', items: webhook }] } } },
  ])('are not looked for in what is none: %o', (schema) => {
    expect(() => kindSchemasOf(schema)).toThrow(
      new TypeError(
        'This is no composed schema of triggers: give what triggersSchema returned, or that read from JSON.',
      ),
    );
  });
});
