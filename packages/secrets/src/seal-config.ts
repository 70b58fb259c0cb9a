import { restoreConfig, SchemaLocation, stripConfig } from '@aftercommit/models';
import type { TObject } from 'typebox';
import { checkConfig } from './config-check.js';
import { type OrderedObject, toPlain } from './ordered-value.js';
import { type DocumentFormat, readDocument, splitDocument } from './sealed-document.js';
import { checkSealable } from './sealed-shape.js';
import type { Sealer } from './sealer.js';
import { SecretsError } from './secrets-error.js';
import { closedSchema } from './unseal-config.js';
import { writeDocument } from './write-document.js';

/** How a configuration is sealed. */
export type SealOptions = {
  /** Whoever has the keys: `ageSealer`, `encryptionServiceSealer`, or one of your own. */
  sealer: Sealer;
  /** Of the text. Undefined: JSON. */
  format?: DocumentFormat;
  /** What messages call the configuration: its file. Undefined: `The configuration`. */
  label?: string;
};

/** A sealed configuration, twice. */
export type Sealed = {
  /** As a value whose fields have an order, the section `sops` last. */
  value: OrderedObject;
  /** As a text of the format that was asked for. */
  text: string;
};

/**
 * Seals a configuration, such as that of an endpoint: what its schema calls secret.
 *
 * @throws SecretsError `SECRETS_CONFIG_INVALID` when it breaks the schema, `SECRETS_ALREADY_SEALED`, `SECRETS_VALUE_UNSUPPORTED` when it
 *   has something that cannot be sealed; what the sealer throws.
 */
export async function sealConfig(
  config: unknown,
  { schema, sealer, format = 'json', label = 'The configuration' }: SealOptions & { schema: TObject },
): Promise<Sealed> {
  const closed = closedSchema(schema);
  const given = readPlain(config, label);
  checkConfig(closed, toPlain(given), label);
  checkSealable(SchemaLocation.of(closed), given, label);
  const stripped = stripConfig(closed, given) as OrderedObject;
  const sealed = await sealer.seal({ schema: closed, config: stripped, label });
  return written(restoreConfig(closed, sealed, given) as OrderedObject, format);
}

/** @throws SecretsError `SECRETS_ALREADY_SEALED`. */
export function readPlain(config: unknown, label: string): OrderedObject {
  const given = readDocument(config, 'json', label);
  if (!given.has('sops')) return given;
  throw new SecretsError(
    'SECRETS_ALREADY_SEALED',
    `${label} is sealed already. Change a secret with aftercommit set, or unseal it first: aftercommit unseal.`,
    { pointer: '/sops' },
  );
}

/** With the section `sops` last, where sops writes it. */
export function written(sealed: OrderedObject, format: DocumentFormat): Sealed {
  const { data, sops } = splitDocument(sealed);
  const value: OrderedObject = sops === undefined ? data : new Map([...data, ['sops', sops]]);
  return { value, text: writeDocument(value, format) };
}
