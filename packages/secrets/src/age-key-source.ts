import { armor, Decrypter, Encrypter } from 'age-encryption';
import type { KeySource, WrappedKey } from './key-source.js';
import { SecretsError } from './secrets-error.js';

/** What decrypting says when none of the identities fits. */
const noIdentityFits = /no identity matched/;

/**
 * Opens what is sealed for an age recipient.
 *
 * @param identity One or more identities (`AGE-SECRET-KEY-1…`), one a line; empty lines and comments (`#`) are skipped.
 * @param description Where they are, for people. Undefined: `the age identity`.
 * @throws SecretsError `SECRETS_KEY_INVALID` when a line is no identity, or there is none.
 */
export function ageKeySource(identity: string, description = 'the age identity'): KeySource {
  const decrypter = new Decrypter();
  const lines = identity.split(/\r?\n/).map((line) => line.trim());
  const count = lines.filter((line, index) => addIdentity(decrypter, line, index + 1, description)).length;
  if (count === 0) throw new SecretsError('SECRETS_KEY_INVALID', `There is no age identity in ${description}.`);
  return { description, unwrap: (key) => unwrap(decrypter, key) };
}

/** The data key wrapped for a recipient: an armored age file. */
export async function wrapForAge(dataKey: Uint8Array, recipient: string): Promise<string> {
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw new SecretsError(
      'SECRETS_KEY_INVALID',
      'A recipient is no age recipient: it must begin with age1. Print that of an identity with age-keygen -y.',
    );
  }
  return armor.encode(await encrypter.encrypt(dataKey));
}

function addIdentity(decrypter: Decrypter, line: string, number: number, description: string): boolean {
  if (line === '' || line.startsWith('#')) return false;
  try {
    decrypter.addIdentity(line);
    return true;
  } catch {
    throw new SecretsError(
      'SECRETS_KEY_INVALID',
      `Line ${number} of ${description} is no age identity that can be used here: it must begin with AGE-SECRET-KEY-1.`,
    );
  }
}

async function unwrap(decrypter: Decrypter, { type, enc }: WrappedKey): Promise<Uint8Array | undefined> {
  if (type !== 'age') return undefined;
  try {
    return await decrypter.decrypt(armor.decode(enc));
  } catch (error) {
    if (error instanceof Error && noIdentityFits.test(error.message)) return undefined;
    throw new SecretsError('SECRETS_CORRUPT', 'the data key is wrapped in an age file that is damaged');
  }
}
