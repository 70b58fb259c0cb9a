import { createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { base64Bytes } from '../signing/base64.js';
import { hmacSha256 } from '../signing/hmac-sha256.js';
import { VerificationError } from './verification-error.js';

/**
 * Takes the content, and tells of each signature of a header, `v1,…` or `v1a,…`, whether it is that of the content. What does not
 * depend on the signature is done once: a stranger decides how many there are.
 */
export type VerifyingKey = (content: Uint8Array) => (signature: string) => boolean;

/** The bytes before a public key of ed25519 in SubjectPublicKeyInfo. */
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Reads a key of a receiver: `whsec_…`, which signs and verifies alike, or the public `whpk_…`.
 *
 * @throws VerificationError `VERIFY_KEY_INVALID`, without quoting it.
 */
export function readVerifyingKey(text: unknown): VerifyingKey {
  // Such as a variable of the environment that is not set.
  if (typeof text !== 'string') throw invalid('A key is not a text. Is it configured?');
  if (text.startsWith('whsec_')) return hmacKey(bytesBehind('whsec_', text, [24, 64]));
  if (text.startsWith('whpk_')) return ed25519Key(bytesBehind('whpk_', text, [32, 32]));
  if (text.startsWith('whsk_')) throw invalid('A key is the private whsk_ key of a sender. Verify with the whpk_ key.');
  throw invalid('A key begins with neither whsec_ nor whpk_. Give it as it was given out.');
}

function hmacKey(secret: Uint8Array): VerifyingKey {
  return (content) => {
    const expected = hmacSha256(secret, content);
    return (signature) => {
      const given = bytesOf(signature, 'v1,');
      return given?.length === expected.length && timingSafeEqual(given, expected);
    };
  };
}

function ed25519Key(bytes: Uint8Array): VerifyingKey {
  const key = createPublicKey({ key: Buffer.concat([publicPrefix, bytes]), format: 'der', type: 'spki' });
  return (content) => (signature) => {
    const given = bytesOf(signature, 'v1a,');
    return given?.length === 64 && verify(null, content, key, given);
  };
}

function bytesOf(signature: string, scheme: string): Buffer | undefined {
  return signature.startsWith(scheme) ? base64Bytes(signature.slice(scheme.length)) : undefined;
}

function bytesBehind(prefix: string, text: string, [least, most]: readonly [number, number]): Buffer {
  const bytes = base64Bytes(text.slice(prefix.length));
  if (bytes !== undefined && bytes.length >= least && bytes.length <= most) return bytes;
  const length = least === most ? `${least}` : `${least} to ${most}`;
  throw invalid(`A key has something behind ${prefix} that is not ${length} bytes in base64.`);
}

function invalid(message: string): VerificationError {
  return new VerificationError('VERIFY_KEY_INVALID', message);
}
