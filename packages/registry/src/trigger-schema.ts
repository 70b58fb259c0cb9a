import { commonTriggerFields, defaultTriggerKind } from '@aftercommit/models';
import Type, { type TObject, type TProperties } from 'typebox';
import type { TriggerKind } from './trigger-kind.js';

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
