import { SchemaLocation } from '@aftercommit/models';
import type { TSchema } from 'typebox';
import { checkConfig } from './config-check.js';
import { openDataKey } from './data-key.js';
import { encryptionTest } from './encryption-rule.js';
import type { KeySource } from './key-source.js';
import { leavesOf, mapLeaves } from './leaves.js';
import { hasMac } from './mac.js';
import { decryptLeaves, openMac } from './open-document.js';
import { type OrderedObject, toPlain } from './ordered-value.js';
import type { SealForm } from './seal-forms.js';
import type { DocumentFormat, SealedDocument } from './sealed-document.js';
import { sealedSuffix, trimSecrets } from './sealed-names.js';
import { checkSealedShape } from './sealed-shape.js';
import { isSecretsError, SecretsError } from './secrets-error.js';
import type { SopsCommand } from './sops-command.js';
import { writeDocument } from './write-document.js';

/** How a sealed configuration is opened. */
export type UnsealOptions = {
  /** Of a text. Undefined: JSON. */
  format?: DocumentFormat;
  /** Asked in order for each key of the document. */
  keySources: readonly KeySource[];
  /** Asked when no key source opens the document. Undefined: nobody. */
  sopsCommand?: SopsCommand;
  /** What messages call the configuration: its file. Undefined: `The configuration`. */
  label?: string;
};

/** What is known of a sealed configuration besides what it says itself. */
export type ConfigShape = {
  schema: TSchema;
  /** What its seal may have been made over. */
  forms(document: OrderedObject): SealForm[];
  /** What else must hold of the form that was sealed. */
  check(form: SealForm): void;
};

/** A configuration whose seal was verified. */
export type OpenedConfig = {
  /** With the names that fields have sealed. */
  opened: OrderedObject;
  /** As plain objects, and with the names that fields have unsealed. */
  config: unknown;
  /** Undefined: the sops command opened it, and keeps the key. */
  dataKey: Uint8Array | undefined;
};

/**
 * Opens a configuration. The order is what protects it: the shape is checked before anything is decrypted, the seal before any
 * value leaves, and last what the seal does not cover: names by the closed schema, and where one trigger ends.
 */
export async function openConfig(
  sealed: SealedDocument,
  shape: ConfigShape,
  options: Pick<UnsealOptions, 'keySources' | 'sopsCommand'>,
): Promise<OpenedConfig> {
  checkRule(sealed);
  const location = SchemaLocation.of(shape.schema);
  checkSealedShape(location, sealed.data, sealed.label);
  const { opened, form, dataKey } = await openVerified(sealed, shape, options);
  const config = toPlain(trimSecrets(location, opened));
  checkConfig(shape.schema, config, sealed.label);
  shape.check(form);
  return { opened, config, dataKey };
}

/** @throws SecretsError `SECRETS_UNSUPPORTED` when it was sealed by another rule than ours. */
export function checkRule({ metadata, label }: SealedDocument): void {
  const { rule, macOnlyEncrypted } = metadata;
  if (macOnlyEncrypted) {
    throw new SecretsError(
      'SECRETS_UNSUPPORTED',
      `${label} was sealed so that only its secrets are protected (mac_only_encrypted). Seal it again: aftercommit seal.`,
    );
  }
  if (!('encryptedSuffix' in rule) || rule.encryptedSuffix !== sealedSuffix) {
    throw new SecretsError(
      'SECRETS_UNSUPPORTED',
      `${label} was not sealed with encrypted_suffix: ${sealedSuffix}. Seal it again: aftercommit seal.`,
    );
  }
}

type Verified = Pick<OpenedConfig, 'opened' | 'dataKey'> & { form: SealForm };

async function openVerified(
  sealed: SealedDocument,
  shape: ConfigShape,
  { keySources, sopsCommand }: Pick<UnsealOptions, 'keySources' | 'sopsCommand'>,
): Promise<Verified> {
  try {
    return openWithKey(sealed, shape, await openDataKey(sealed.metadata, keySources, sealed.label));
  } catch (error) {
    if (sopsCommand === undefined || !hasCode(error, 'SECRETS_NO_KEY')) throw error;
    return openWithCommand(sealed, shape, sopsCommand);
  }
}

function openWithKey(sealed: SealedDocument, shape: ConfigShape, dataKey: Uint8Array): Verified {
  const opened = decryptLeaves(sealed, dataKey);
  const mac = openMac(sealed, dataKey);
  const form = mac === undefined ? undefined : shape.forms(opened).find(({ document }) => hasMac(document, mac));
  if (form === undefined) throw changed(sealed.label);
  return { opened, form, dataKey };
}

/** The command verifies the seal itself, so it is given one form after the other. */
async function openWithCommand(sealed: SealedDocument, shape: ConfigShape, command: SopsCommand): Promise<Verified> {
  for (const { document, isWhole } of shape.forms(sealed.data)) {
    const text = writeDocument(new Map([...document, ['sops', sealed.section]]), 'json');
    try {
      const found = await command.decrypt(text, 'json', sealed.label);
      return { opened: withOpened(sealed, found), form: { document: found, isWhole }, dataKey: undefined };
    } catch (error) {
      if (!hasCode(error, 'SECRETS_MAC_MISMATCH')) throw error;
    }
  }
  throw changed(sealed.label);
}

/** The document with each ciphertext replaced by what stands in its place in a form that was opened. */
function withOpened({ data, metadata, label }: SealedDocument, found: OrderedObject): OrderedObject {
  const isEncrypted = encryptionTest(metadata.rule, label);
  const secrets = (document: OrderedObject) => leavesOf(document).filter(({ path }) => isEncrypted(path));
  const values = secrets(found);
  if (values.length !== secrets(data).length) {
    throw new SecretsError(
      'SECRETS_COMMAND_FAILED',
      `${label} was not opened: the sops command gave another document.`,
    );
  }
  const next = values.values();
  return mapLeaves(data, ({ leaf, path }) => (isEncrypted(path) ? (next.next().value?.leaf ?? leaf) : leaf));
}

function hasCode(error: unknown, code: SecretsError['code']): boolean {
  return isSecretsError(error) && error.code === code;
}

function changed(label: string): SecretsError {
  return new SecretsError(
    'SECRETS_MAC_MISMATCH',
    `${label} was changed after it was sealed: a URL, a name or another field that needs the key to be changed. Undo the change in the file, and enter it with the key: aftercommit set.`,
  );
}
