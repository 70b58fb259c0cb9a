import { jsonPointer, type KindSchemas, kindOf, schemaOfTriggers, type TriggersConfig } from '@aftercommit/models';
import { type ConfigShape, openConfig, type UnsealOptions } from './open-config.js';
import type { OrderedObject } from './ordered-value.js';
import { triggerSealForms } from './seal-forms.js';
import { readSealedDocument } from './sealed-document.js';
import { SecretsError } from './secrets-error.js';
import { checkBinding } from './trigger-binding.js';

/** How sealed triggers are opened. */
export type UnsealTriggersOptions = UnsealOptions & {
  /** The schema of a kind's own fields: `(kind) => registry.find(kind)?.configSchema`. */
  schemaOf: KindSchemas;
};

/**
 * The value of `triggers`, opened: names without suffix, and as strict as what somebody without a key may have changed in it
 * asks for. Nonsensitive fields are as they stand in it now.
 *
 * @param source A text of the format, or a value that was read from one: fields given twice cannot be seen in it. Give maps
 *   where a trigger or a header is called like a number.
 * @throws SecretsError `SECRETS_DOCUMENT_INVALID`, `SECRETS_NOT_SEALED`, `SECRETS_METADATA_INVALID` or `SECRETS_UNSUPPORTED` when it
 *   cannot be read; `SECRETS_NO_KEY` when no key opens it; `SECRETS_MAC_MISMATCH` or `SECRETS_CORRUPT` when it was changed after it
 *   was sealed; `SECRETS_SHAPE`, `SECRETS_AMBIGUOUS`, `SECRETS_KIND_UNKNOWN` or `SECRETS_CONFIG_INVALID` when it breaks the
 *   schema; what the sops command rejects with.
 */
export async function unsealTriggers(
  source: unknown,
  { schemaOf, format = 'json', label = 'The triggers configuration', ...keys }: UnsealTriggersOptions,
): Promise<TriggersConfig> {
  const sealed = readSealedDocument(source, format, label);
  return (await openConfig(sealed, triggersShape(sealed.data, schemaOf, label), keys)).config as TriggersConfig;
}

/** @throws SecretsError `SECRETS_KIND_UNKNOWN`. */
export function triggersShape(data: OrderedObject, schemaOf: KindSchemas, label: string): ConfigShape {
  checkKinds(data, schemaOf, label);
  const schema = schemaOfTriggers(data, schemaOf);
  return {
    schema,
    forms: (document) => triggerSealForms(schema, document),
    check: (form) => checkBinding(form, schemaOf, label),
  };
}

/** Of a kind that is unknown nobody knows what is secret. */
function checkKinds(data: OrderedObject, schemaOf: KindSchemas, label: string): void {
  const config = data.get('config');
  const triggers = Array.isArray(config) || config instanceof Map ? [...config.entries()] : [];
  for (const [place, trigger] of triggers) {
    const kind = kindOf(trigger);
    if (kind !== undefined && schemaOf(kind) !== undefined) continue;
    const pointer = jsonPointer(['config', place]);
    throw new SecretsError(
      'SECRETS_KIND_UNKNOWN',
      `${label}: the trigger at ${pointer} is of a kind that is not registered here.`,
      {
        pointer,
      },
    );
  }
}
