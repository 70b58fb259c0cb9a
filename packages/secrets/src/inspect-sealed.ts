import {
  type JsonObject,
  type KindSchemas,
  pointerPath,
  SchemaLocation,
  type TriggersConfig,
} from '@aftercommit/models';
import type { TObject, TSchema } from 'typebox';
import { mapLeaves } from './leaves.js';
import { recipientsOf } from './metadata.js';
import { checkRule } from './open-config.js';
import { toPlain } from './ordered-value.js';
import { type DocumentFormat, readSealedDocument, type SealedDocument } from './sealed-document.js';
import { hasSuffix, trimSecrets } from './sealed-names.js';
import { checkSealedShape } from './sealed-shape.js';
import type { SecretPlace } from './secrets-error.js';
import { closedSchema } from './unseal-config.js';
import { triggersShape } from './unseal-triggers.js';

/** What a sealed configuration shows without a key. */
export type Inspected<Config> = {
  /** Who could open it. */
  recipients: string[];
  /** When it was sealed: `2026-01-01T00:00:00Z`. Nothing vouches for it without a key. */
  sealedAt: string;
  /**
   * The configuration with the names that fields have unsealed, and the text `sealed` for each secret. What a check says of the
   * value at one of `secrets` says nothing.
   */
  config: Config;
  /** Where its secrets stand, names included: `/config/dbt/headers/Authorization`. */
  secrets: SecretPlace[];
};

/** How a sealed configuration is read. */
export type InspectOptions = {
  /** Of a text. Undefined: JSON. */
  format?: DocumentFormat;
  /** What messages call the configuration: its file. Undefined: `The configuration`. */
  label?: string;
};

/**
 * What can be known of sealed triggers without a key, so that they can be validated. Their shape is checked as by `unsealTriggers`;
 * only a key tells whether somebody changed a URL since.
 *
 * @param source A text of the format, or a value that was read from one.
 * @throws SecretsError with the codes of `unsealTriggers` that need no key, such as `SECRETS_NOT_SEALED` and `SECRETS_SHAPE`.
 */
export function inspectSealedTriggers(
  source: unknown,
  { schemaOf, format = 'json', label = 'The triggers configuration' }: InspectOptions & { schemaOf: KindSchemas },
): Inspected<TriggersConfig> {
  const sealed = readSealedDocument(source, format, label);
  const { schema } = triggersShape(sealed.data, schemaOf, label);
  return inspect<TriggersConfig>(sealed, schema, (pointer) => {
    const [, trigger] = pointerPath(pointer);
    return trigger === undefined || Array.isArray(sealed.data.get('config')) ? { pointer } : { trigger, pointer };
  });
}

/**
 * The same of another configuration, such as that of an endpoint.
 *
 * @throws SecretsError as `inspectSealedTriggers`.
 */
export function inspectSealedConfig(
  source: unknown,
  { schema, format = 'json', label = 'The configuration' }: InspectOptions & { schema: TObject },
): Inspected<JsonObject> {
  const sealed = readSealedDocument(source, format, label);
  return inspect<JsonObject>(sealed, closedSchema(schema), (pointer) => ({ pointer }));
}

function inspect<Config>(
  sealed: SealedDocument,
  schema: TSchema,
  placeOf: (pointer: string) => SecretPlace,
): Inspected<Config> {
  checkRule(sealed);
  const location = SchemaLocation.of(schema);
  const secrets = checkSealedShape(location, sealed.data, sealed.label).map(placeOf);
  const hidden = mapLeaves(sealed.data, ({ leaf, path }) => (path.some(hasSuffix) ? 'sealed' : leaf));
  return {
    recipients: recipientsOf(sealed.metadata),
    sealedAt: sealed.metadata.lastModified,
    config: toPlain(trimSecrets(location, hidden)) as Config,
    secrets,
  };
}
