import type { TObject } from 'typebox';
import { isJsonObject } from './json.js';
import { commonTriggerFields } from './trigger-config.js';
import type { KindSchemas } from './trigger-schema.js';

/**
 * The schemas of the kinds in a composed schema: what `triggersSchema` of `@aftercommit/registry` makes, also once it was written
 * and read as JSON. So an editor in a browser, which has the composed schema alone and none of the kinds' programs, strips and
 * restores what is configured.
 *
 * @throws TypeError when it is no composed schema.
 */
export function kindSchemasOf(composed: unknown): KindSchemas {
  const kinds = new Map(triggerSchemasIn(composed).map((trigger) => [kindNameOf(trigger), ownFields(trigger)]));
  return (kind) => kinds.get(kind);
}

type ComposedTrigger = Record<string, unknown> & { properties: Record<string, unknown> };

function triggerSchemasIn(composed: unknown): ComposedTrigger[] {
  const config = at(at(composed, 'properties'), 'config');
  const list = alternativesOf(config).find((one) => at(one, 'type') === 'array');
  const triggers = alternativesOf(at(list, 'items'));
  if (triggers.length === 0 || !triggers.every(isComposedTrigger)) {
    throw new TypeError(
      'This is no composed schema of triggers: give what triggersSchema returned, or that read from JSON.',
    );
  }
  return triggers;
}

/** Of a union all of its alternatives, of anything else itself. */
function alternativesOf(schema: unknown): unknown[] {
  const alternatives = at(schema, 'anyOf');
  if (Array.isArray(alternatives)) return alternatives;
  return schema === undefined ? [] : [schema];
}

function isComposedTrigger(schema: unknown): schema is ComposedTrigger {
  return typeof at(at(at(schema, 'properties'), 'kind'), 'const') === 'string';
}

function kindNameOf({ properties }: ComposedTrigger): string {
  return String(at(properties['kind'], 'const'));
}

/** The kind's own schema: without the fields that every trigger has. */
function ownFields({ properties, ...trigger }: ComposedTrigger): TObject {
  const own = Object.entries(properties).filter(([name]) => !Object.hasOwn(commonTriggerFields, name));
  return { ...trigger, properties: Object.fromEntries(own) } as unknown as TObject;
}

function at(value: unknown, name: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
