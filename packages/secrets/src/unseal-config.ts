import type { JsonObject } from '@aftercommit/models';
import { withOptionalDefaults } from '@aftercommit/models';
import Type, { type TObject } from 'typebox';
import { type ConfigShape, openConfig, type UnsealOptions } from './open-config.js';
import { sealForms } from './seal-forms.js';
import { readSealedDocument } from './sealed-document.js';

/** How a configuration that is no list of triggers is sealed, such as that of an endpoint. */
export function configShape(schema: TObject): ConfigShape {
  const closed = closedSchema(schema);
  return { schema: closed, forms: (document) => sealForms(closed, document), check: () => undefined };
}

/** Unknown fields are errors, and a field with a default may be left out. */
export function closedSchema(schema: TObject): TObject {
  return Type.Object(withOptionalDefaults(schema), { additionalProperties: false });
}

/**
 * A sealed configuration, such as that of an endpoint, opened and checked against its schema.
 *
 * @param source A text of the format, or a value that was read from one: fields given twice cannot be seen in it.
 * @throws SecretsError `SECRETS_DOCUMENT_INVALID`, `SECRETS_NOT_SEALED`, `SECRETS_METADATA_INVALID` or `SECRETS_UNSUPPORTED` when it
 *   cannot be read; `SECRETS_NO_KEY` when no key opens it; `SECRETS_MAC_MISMATCH` or `SECRETS_CORRUPT` when it was changed after it
 *   was sealed; `SECRETS_SHAPE` or `SECRETS_CONFIG_INVALID` when it breaks the schema; what the sops command rejects with.
 */
export async function unsealConfig(
  source: unknown,
  { schema, format = 'json', label = 'The configuration', ...keys }: UnsealOptions & { schema: TObject },
): Promise<JsonObject> {
  const sealed = readSealedDocument(source, format, label);
  return (await openConfig(sealed, configShape(schema), keys)).config as JsonObject;
}
