import {
  commonInterval,
  commonTriggerFields,
  defaultTriggerKind,
  triggerNamePattern,
  triggerSchema,
} from '@aftercommit/models';
import type { TriggerKind, TriggerKindRegistry } from '@aftercommit/registry';
import { named, type Schema, when } from './json-schema.js';

/**
 * The value of `triggers` for these kinds: as `triggersSchema` of the registry accepts it, or sealed, or the name of a file.
 * The kind of a trigger decides which schema it is held against, so that an editor complains of one kind's fields alone.
 */
export function triggersOf(registry: TriggerKindRegistry): { triggers: Schema; trigger: Schema } {
  const plain: Schema = {
    required: ['config'],
    properties: {
      interval: commonInterval,
      config: {
        description: 'A list of triggers, or (recommended) a map from name to trigger.',
        ...when(
          { type: 'array' },
          { items: { $ref: '#/definitions/trigger' } },
          {
            type: 'object',
            patternProperties: { [triggerNamePattern]: { $ref: '#/definitions/trigger' } },
            additionalProperties: false,
          },
        ),
      },
    },
    additionalProperties: false,
  };
  return {
    triggers: {
      title: 'Triggers',
      description:
        'What is done when a transaction of the materialization commits. A text is the name of a file with it.',
      type: ['object', 'string', 'null'],
      minLength: 1,
      ...unlessSealed(plain),
    },
    trigger: oneTrigger(registry.kinds),
  };
}

function oneTrigger(kinds: readonly TriggerKind[]): Schema {
  const { kind, ...others } = commonTriggerFields;
  return {
    type: 'object',
    properties: { kind: { ...kind, enum: kinds.map(({ kind: name }) => name) }, ...named(Object.keys(others)) },
    allOf: kinds.map(({ kind: name, configSchema, defaultPayloadTemplate }) =>
      when(
        { properties: { kind: { const: name } }, ...(name !== defaultTriggerKind && { required: ['kind'] }) },
        triggerSchema(name, configSchema, defaultPayloadTemplate),
      ),
    ),
  };
}

/** What is sealed is checked by whoever opens it. */
export function unlessSealed(schema: Schema): Schema {
  return when({ required: ['sops'], type: 'object' }, true, schema);
}
