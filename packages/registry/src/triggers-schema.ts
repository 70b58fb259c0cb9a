import {
  annotated,
  commonTriggerFields,
  DurationSchema,
  defaultTriggerKind,
  triggerNamePattern,
} from '@aftercommit/models';
import Type, { type TObject, type TProperties, type TSchema } from 'typebox';
import type { TriggerKind } from './trigger-kind.js';
import type { TriggerKindRegistry } from './trigger-kind-registry.js';

/** The schema of one trigger of a kind: the common fields and the kind's own, nothing else. */
export function triggerSchema(kind: TriggerKind): TObject {
  const name = Type.Literal(kind.kind, { ...commonTriggerFields.kind, default: kind.kind });
  return Type.Object(
    {
      ...commonTriggerFields,
      kind: kind.kind === defaultTriggerKind ? Type.Optional(name) : name,
      ...withOptionalDefaults(kind.configSchema.properties),
    },
    { title: `Trigger of kind ${kind.kind}`, additionalProperties: false },
  );
}

/** A field with a default may be left out: what its kind receives has it filled in. */
export function withOptionalDefaults(fields: TProperties): TProperties {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, 'default' in field ? Type.Optional(field) : field]),
  );
}

/**
 * The JSON Schema (2020-12) of the value of `triggers` for the registered kinds: a list, or a map from name to
 * trigger. For editors and documentation; `validateTriggers` says more, and more clearly.
 */
export function triggersSchema(registry: TriggerKindRegistry): TSchema {
  const kinds = registry.kinds.map(triggerSchema);
  const trigger: TSchema = kinds.length === 1 && kinds[0] !== undefined ? kinds[0] : Type.Union(kinds);
  return Type.Object(
    {
      interval: Type.Optional(
        annotated(
          { ...DurationSchema, title: 'Interval', description: 'The interval of triggers that do not set one.' },
          { nonsensitive: true },
        ),
      ),
      config: Type.Union(
        [
          Type.Array(trigger, { title: 'List', description: 'Triggers, each with a name or with a derived one.' }),
          Type.Record(Type.String({ pattern: triggerNamePattern }), trigger, {
            title: 'Map',
            description: 'Triggers under their names. A secret is then bound to its trigger.',
            additionalProperties: false,
          }),
        ],
        { title: 'Triggers', description: 'A list of triggers, or (recommended) a map from name to trigger.' },
      ),
    },
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Triggers',
      description: 'What is done when a transaction of the materialization commits.',
      additionalProperties: false,
    },
  );
}
