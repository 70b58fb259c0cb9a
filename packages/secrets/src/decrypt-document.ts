import { openDataKey, sealAgain } from './data-key.js';
import { encryptionTest } from './encryption-rule.js';
import type { KeySource } from './key-source.js';
import { hasMac } from './mac.js';
import { decryptLeaves, openMac } from './open-document.js';
import { toPlain } from './ordered-value.js';
import { type DocumentFormat, readSealedDocument } from './sealed-document.js';
import { SecretsError } from './secrets-error.js';

export type DecryptOptions = {
  format: DocumentFormat;
  /** Asked in order for each key of the document. */
  keySources: readonly KeySource[];
  /** What messages call the document: its file. Undefined: `The document`. */
  label?: string;
};

/**
 * The value of any SOPS document, as `sops -d` gives it: field names keep their suffix. Integers beyond ±(2^53−1) are bigint.
 * For configurations, `unsealTriggers` and `unsealConfig` check more.
 *
 * @throws SecretsError when it cannot be read, no key opens it, or it was changed after it was sealed.
 */
export async function decryptDocument(
  text: string,
  { format, keySources, label = 'The document' }: DecryptOptions,
): Promise<unknown> {
  const sealed = readSealedDocument(text, format, label);
  const dataKey = await openDataKey(sealed.metadata, keySources, label);
  const opened = decryptLeaves(sealed, dataKey);
  const mac = openMac(sealed, dataKey);
  const covers = sealed.metadata.macOnlyEncrypted ? encryptionTest(sealed.metadata.rule, label) : undefined;
  if (mac === undefined || !hasMac(opened, mac, covers)) {
    throw new SecretsError('SECRETS_MAC_MISMATCH', `${label} was changed after it was sealed. ${sealAgain}`);
  }
  return toPlain(opened);
}
