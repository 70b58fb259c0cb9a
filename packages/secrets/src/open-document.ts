import { jsonPointer } from '@aftercommit/models';
import { decryptLeaf, readCiphertext } from './cipher.js';
import { sealAgain } from './data-key.js';
import { encryptionTest } from './encryption-rule.js';
import { mapLeaves, type PlacedLeaf } from './leaves.js';
import type { OrderedObject } from './ordered-value.js';
import type { SealedDocument } from './sealed-document.js';
import { SecretsError } from './secrets-error.js';

/** Where a leaf stands, as it is bound into its ciphertext. */
export function placeOf(path: readonly string[]): string {
  return `${path.join(':')}:`;
}

/**
 * The document with its ciphertexts decrypted. Nothing of it may be used before its seal was verified.
 *
 * @throws SecretsError `SECRETS_CORRUPT` with the place of the first leaf that is no ciphertext of this key and place.
 */
export function decryptLeaves({ data, metadata, label }: SealedDocument, dataKey: Uint8Array): OrderedObject {
  const isEncrypted = encryptionTest(metadata.rule, label);
  return mapLeaves(data, (placed) => {
    const { leaf, path } = placed;
    if (!isEncrypted(path) || leaf === '') return leaf;
    const ciphertext = typeof leaf === 'string' ? readCiphertext(leaf) : undefined;
    if (ciphertext === undefined) throw corrupt('is not encrypted, or its ciphertext is damaged', placed, label);
    const opened = decryptLeaf(ciphertext, dataKey, placeOf(path));
    if (opened === undefined) throw corrupt('holds a ciphertext that was made for another place or key', placed, label);
    return opened;
  });
}

/** The seal of a document, decrypted; undefined: it has none that was made with this key at this time. */
export function openMac({ metadata }: SealedDocument, dataKey: Uint8Array): string | undefined {
  const ciphertext = readCiphertext(metadata.mac);
  const mac = ciphertext && decryptLeaf(ciphertext, dataKey, metadata.lastModified);
  return typeof mac === 'string' ? mac : undefined;
}

function corrupt(problem: string, { pointer }: PlacedLeaf, label: string): SecretsError {
  const where = jsonPointer(pointer);
  return new SecretsError('SECRETS_CORRUPT', `${label}: what stands at ${where} ${problem}. ${sealAgain}`, {
    pointer: where,
  });
}
