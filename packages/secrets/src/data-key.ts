import type { KeySource, WrappedKey } from './key-source.js';
import { type Metadata, recipientsOf } from './metadata.js';
import { isSecretsError, SecretsError } from './secrets-error.js';
import { combineShares } from './shamir.js';

const dataKeyBytes = 32;

/**
 * The key with which the leaves of a document are encrypted.
 *
 * @throws SecretsError `SECRETS_NO_KEY` that names who could open it and where was looked; `SECRETS_CORRUPT`.
 */
export async function openDataKey(
  metadata: Metadata,
  keySources: readonly KeySource[],
  label: string,
): Promise<Uint8Array> {
  const tried = new Map(keySources.map(({ description }) => [description, 'has no key for it']));
  const parts: Uint8Array[] = [];
  for (const group of metadata.keyGroups) {
    const part = await unwrapAny(group, keySources, tried);
    if (part !== undefined) parts.push(part);
  }
  const isOneGroup = metadata.keyGroups.length === 1;
  if (parts.length < (isOneGroup ? 1 : metadata.threshold)) throw noKey(metadata, tried, label);
  const dataKey = isOneGroup ? parts[0] : combineShares(parts);
  if (dataKey?.length !== dataKeyBytes) {
    throw new SecretsError('SECRETS_CORRUPT', `The data key of ${label} is damaged. ${sealAgain}`);
  }
  return dataKey;
}

/** What to do about a document that nobody can open any more. */
export const sealAgain = 'Restore the document, or seal it again from its values: aftercommit seal.';

async function unwrapAny(
  group: readonly WrappedKey[],
  keySources: readonly KeySource[],
  tried: Map<string, string>,
): Promise<Uint8Array | undefined> {
  for (const key of group) {
    for (const source of keySources) {
      try {
        const part = await source.unwrap(key);
        if (part !== undefined) return part;
      } catch (error) {
        // What else a source may have thrown can quote anything (I8).
        tried.set(source.description, isSecretsError(error) ? error.message : 'could not use its key');
      }
    }
  }
  return undefined;
}

function noKey(metadata: Metadata, tried: ReadonlyMap<string, string>, label: string): SecretsError {
  const recipients = recipientsOf(metadata);
  const places = [...tried].map(([description, problem]) => `${description}: ${problem}`);
  const looked = places.length === 0 ? 'No key was given.' : `Looked at ${places.join('; ')}.`;
  const groups = metadata.keyGroups.length;
  const together = groups > 1 ? ` (${metadata.threshold} of its ${groups} key groups are needed)` : '';
  return new SecretsError(
    'SECRETS_NO_KEY',
    `${label} cannot be opened: no key at hand fits. It was sealed for ${recipients.join(', ')}${together}. ${looked} Name the file with an identity of one of them in SOPS_AGE_KEY_FILE, or seal the configuration again for yours: aftercommit seal.`,
    { recipients },
  );
}
