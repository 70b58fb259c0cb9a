import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { SecretsError } from './secrets-error.js';

/** A new key of age. */
export async function newAgeIdentity(): Promise<{
  /** `AGE-SECRET-KEY-1…`: opens what is sealed for the recipient. A secret. */
  identity: string;
  /** `age1…`: who has it can seal for the identity, and open nothing. */
  recipient: string;
}> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/**
 * The recipient of an identity, for those who seal for themselves.
 *
 * @param identity One identity: `AGE-SECRET-KEY-1…`.
 * @throws SecretsError `SECRETS_KEY_INVALID`.
 */
export async function ageRecipientOf(identity: string): Promise<string> {
  try {
    return await identityToRecipient(identity.trim());
  } catch {
    throw new SecretsError('SECRETS_KEY_INVALID', 'This is no age identity: it must begin with AGE-SECRET-KEY-1.');
  }
}
