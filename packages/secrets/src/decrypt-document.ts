import { openDataKey, sealAgain } from './data-key.js';
import { encryptionTest } from './encryption-rule.js';
import type { KeySource } from './key-source.js';
import { hasMac } from './mac.js';
import { decryptLeaves, openMac } from './open-document.js';
import { type OrderedObject, toPlain } from './ordered-value.js';
import { type DocumentFormat, readSealedDocument, type SealedDocument } from './sealed-document.js';
import { isSecretsError, SecretsError } from './secrets-error.js';
import type { SopsCommand } from './sops-command.js';

/** How a document is opened. */
export type DecryptOptions = {
  /** What the text is. */
  format: DocumentFormat;
  /** Asked in order for each key of the document. */
  keySources: readonly KeySource[];
  /** Asked when no key source opens the document. Undefined: nobody. */
  sopsCommand?: SopsCommand;
  /** What messages call the document: its file. Undefined: `The document`. */
  label?: string;
};

/**
 * The value of any SOPS document, as `sops -d` gives it: field names keep their suffix. Integers beyond ±(2^53−1) are bigint.
 * For configurations, `unsealTriggers` and `unsealConfig` check more.
 *
 * @throws SecretsError `SECRETS_DOCUMENT_INVALID`, `SECRETS_NOT_SEALED`, `SECRETS_METADATA_INVALID` or `SECRETS_UNSUPPORTED` when it
 *   cannot be read; `SECRETS_NO_KEY` when no key opens it; `SECRETS_MAC_MISMATCH` or `SECRETS_CORRUPT` when it was changed after it
 *   was sealed; `SECRETS_COMMAND_FAILED` when the command was asked and failed.
 */
export async function decryptDocument(
  text: string,
  { format, keySources, sopsCommand, label = 'The document' }: DecryptOptions,
): Promise<unknown> {
  const sealed = readSealedDocument(text, format, label);
  try {
    return toPlain(openVerified(sealed, await openDataKey(sealed.metadata, keySources, label)));
  } catch (error) {
    if (sopsCommand === undefined || !isSecretsError(error) || error.code !== 'SECRETS_NO_KEY') throw error;
    return toPlain(await sopsCommand.decrypt(text, format, label));
  }
}

function openVerified(sealed: SealedDocument, dataKey: Uint8Array): OrderedObject {
  const { metadata, label } = sealed;
  const opened = decryptLeaves(sealed, dataKey);
  const mac = openMac(sealed, dataKey);
  const covers = metadata.macOnlyEncrypted ? encryptionTest(metadata.rule, label) : undefined;
  if (mac === undefined || !hasMac(opened, mac, covers)) {
    throw new SecretsError('SECRETS_MAC_MISMATCH', `${label} was changed after it was sealed. ${sealAgain}`);
  }
  return opened;
}
