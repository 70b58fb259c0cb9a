import { commonInterval, triggerNamePattern } from '@aftercommit/models';
import Type, { type TSchema } from 'typebox';
import type { TriggerKindRegistry } from './trigger-kind-registry.js';

/**
 * The JSON Schema (2020-12) of the value of `triggers` for the registered kinds: a list, or a map from name to
 * trigger. For editors and documentation; `validateTriggers` says more, and more clearly.
 */
export function triggersSchema(registry: TriggerKindRegistry): TSchema {
  const kinds = registry.kinds.map((kind) => registry.triggerSchema(kind));
  const trigger: TSchema = kinds.length === 1 && kinds[0] !== undefined ? kinds[0] : Type.Union(kinds);
  return Type.Object(
    {
      interval: Type.Optional(commonInterval),
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
