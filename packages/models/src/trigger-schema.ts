import Type, { type TObject, type TProperties, type TSchema } from 'typebox';
import { annotated } from './annotations.js';
import { durationField } from './duration.js';
import { fieldsOf } from './strip-config.js';
import { commonTriggerFields, defaultTriggerKind } from './trigger-config.js';

/** The schema of the fields of a trigger kind, without those that every trigger has. Undefined: there is no such kind. */
export type KindSchemas = (kind: string) => TObject | undefined;

/** The interval of triggers that do not set one, beside `config`. */
export const commonInterval = annotated(
  durationField({ title: 'Interval', description: 'The interval of triggers that do not set one.' }),
  { nonsensitive: true },
);

/**
 * The schema of one trigger of a kind: the common fields and the kind's own, nothing else.
 *
 * @param defaultPayloadTemplate What a trigger without `payloadTemplate` uses. Undefined: each needs its own.
 */
export function triggerSchema(kind: string, configSchema: TObject, defaultPayloadTemplate?: string): TObject {
  if (defaultPayloadTemplate === undefined) return triggerOf(kind, configSchema, payloadTemplate);
  return triggerOf(kind, configSchema, Type.Optional({ ...payloadTemplate, default: defaultPayloadTemplate }));
}

const { payloadTemplate } = commonTriggerFields;

function triggerOf(kind: string, configSchema: TObject, template: TSchema): TObject {
  const name = Type.Literal(kind, { ...commonTriggerFields.kind, default: kind });
  return Type.Object(
    {
      ...commonTriggerFields,
      kind: kind === defaultTriggerKind ? Type.Optional(name) : name,
      payloadTemplate: template,
      ...withOptionalDefaults(configSchema),
    },
    { title: `Trigger of kind ${kind}`, additionalProperties: false, ...alternatives(configSchema) },
  );
}

/**
 * Fields of which a kind needs exactly one, where its schema says so: `oneOf: [{ required: ['url'] }, { required: ['secretUrl'] }]`
 * gives `[['url'], ['secretUrl']]`. Undefined: there are none.
 */
export function alternativeFields({ oneOf }: TSchema & { oneOf?: unknown }): string[][] | undefined {
  if (!Array.isArray(oneOf)) return undefined;
  const alternatives = oneOf.map(({ required }: { required?: string[] }) => required ?? []);
  return alternatives.every(({ length }) => length > 0) ? alternatives : undefined;
}

function alternatives(configSchema: TObject): { oneOf?: Array<{ required: string[] }> } {
  const fields = alternativeFields(configSchema);
  return fields === undefined ? {} : { oneOf: fields.map((required) => ({ required })) };
}

/**
 * The fields of a schema. One with a default may be left out: what its kind receives has it filled in. Which others may be is
 * what the schema says, in plain JSON Schema as well, where no field by itself is marked as optional.
 */
export function withOptionalDefaults(schema: TObject): TProperties {
  const required: readonly string[] = schema.required ?? [];
  return Object.fromEntries(
    Object.entries(schema.properties).map(([name, field]) => [
      name,
      'default' in field || !required.includes(name) ? Type.Optional(field) : field,
    ]),
  );
}

/**
 * The schema of this one value of `triggers`, for its seal: each of its triggers under its own name or index, by its kind. Of a
 * kind that is unknown the common fields are described alone. A template may be missing, as after it was removed: it is outside
 * of the seal, and whoever runs the triggers knows which kinds have a default one.
 *
 * @param triggers A list, or a map from name to trigger; its fields may have their sealed names.
 */
export function schemaOfTriggers(triggers: unknown, schemaOf: KindSchemas): TObject {
  const fields = new Map(fieldsOf(triggers));
  return Type.Object(
    { interval: Type.Optional(commonInterval), config: schemaOfList(fields.get('config'), schemaOf) },
    { additionalProperties: false },
  );
}

/** The kind that a trigger is configured to be; undefined: that is no name. */
export function kindOf(trigger: unknown): string | undefined {
  const kind = new Map(fieldsOf(trigger)).get('kind') ?? defaultTriggerKind;
  return typeof kind === 'string' ? kind : undefined;
}

function schemaOfList(config: unknown, schemaOf: KindSchemas): TSchema {
  const one = (trigger: unknown): TObject => {
    const kind = kindOf(trigger);
    const configSchema = kind === undefined ? undefined : schemaOf(kind);
    return kind === undefined || configSchema === undefined
      ? Type.Object(commonTriggerFields, { additionalProperties: false })
      : triggerOf(kind, configSchema, Type.Optional(payloadTemplate));
  };
  if (Array.isArray(config)) return Type.Tuple(config.map(one));
  const named = (fieldsOf(config) ?? []).map(([name, trigger]): [string, TSchema] => [name, one(trigger)]);
  return Type.Object(Object.fromEntries(named), { additionalProperties: false });
}
