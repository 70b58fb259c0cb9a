import { commonTriggerFields, triggerSchema } from '@aftercommit/models';
import type { TriggerKind } from '@aftercommit/registry';
import { type KindField, kindFields } from './kind-field.js';

/** A trigger kind, as it is shown. */
export type ShownKind = {
  name: string;
  /** Undefined: it is built in. */
  plugin: string | undefined;
  /** `''`: its author says nothing. */
  description: string;
  defaultPayloadTemplate: string | undefined;
  /** Its own. */
  fields: KindField[];
  /** Those that every trigger has. */
  commonFields: KindField[];
};

/** @param plugin Undefined: it is built in. */
export function shownKind(
  { kind: name, configSchema, defaultPayloadTemplate }: TriggerKind,
  plugin: string | undefined,
): ShownKind {
  const { description } = configSchema as { description?: unknown };
  return {
    name,
    plugin,
    description: typeof description === 'string' ? description : '',
    defaultPayloadTemplate,
    fields: kindFields(configSchema),
    commonFields: kindFields(triggerSchema(name, configSchema))
      .filter((field) => field.name !== 'kind' && Object.hasOwn(commonTriggerFields, field.name))
      .map((field) => withDefaultTemplate(field, defaultPayloadTemplate)),
  };
}

function withDefaultTemplate(field: KindField, template: string | undefined): KindField {
  if (field.name !== 'payloadTemplate' || template === undefined) return field;
  return { ...field, isRequired: false, default: template };
}

/** A kind, for programs. */
export function kindObject({ name: kind, plugin, fields, commonFields: _common, ...rest }: ShownKind): object {
  const fieldObjects = fields.map(({ name: field, ...about }) => ({ field, ...about }));
  return { event: 'kind', kind, plugin: plugin ?? null, ...rest, fields: fieldObjects };
}
