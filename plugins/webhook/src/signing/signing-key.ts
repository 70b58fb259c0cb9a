import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { base64Bytes } from './base64.js';
import { hmacSha256 } from './hmac-sha256.js';

/** Makes one signature of a `webhook-signature` header: its scheme, a comma, and base64. */
export type SigningKey = (content: Uint8Array) => string;

/** The bytes before a seed that make it a private key of ed25519 in PKCS #8. */
const seedPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');

const seedBytes = 32;

/**
 * Reads a key as Standard Webhooks write them: `whsec_` and 24 to 64 bytes in base64 for HMAC-SHA256 (`v1`), or `whsk_` and the 64
 * bytes of an ed25519 key, its seed and its public half (`v1a`). `problem` is the end of a sentence and quotes nothing.
 */
export function readSigningKey(text: string): { key: SigningKey; problem?: never } | { problem: string } {
  if (text.startsWith('whsec_')) return hmacKey(text.slice('whsec_'.length));
  if (text.startsWith('whsk_')) return ed25519Key(text.slice('whsk_'.length));
  if (text.startsWith('whpk_')) return { problem: 'is a public key, which receivers verify with. Give the whsk_ key.' };
  return { problem: 'begins with neither whsec_ nor whsk_. Write it as it was given out, without anything around it.' };
}

function hmacKey(encoded: string): ReturnType<typeof readSigningKey> {
  const secret = base64Bytes(encoded);
  if (secret === undefined) return { problem: notBase64('whsec_') };
  if (secret.length < 24 || secret.length > 64) return { problem: 'must have 24 to 64 bytes behind whsec_.' };
  return { key: (content) => `v1,${hmacSha256(secret, content).toString('base64')}` };
}

function ed25519Key(encoded: string): ReturnType<typeof readSigningKey> {
  const bytes = base64Bytes(encoded);
  if (bytes === undefined) return { problem: notBase64('whsk_') };
  if (bytes.length !== 2 * seedBytes) return { problem: 'must have 64 bytes behind whsk_: seed and public key.' };
  const privateKey = createPrivateKey({
    key: Buffer.concat([seedPrefix, bytes.subarray(0, seedBytes)]),
    format: 'der',
    type: 'pkcs8',
  });
  if (!bytes.subarray(seedBytes).equals(publicHalf(privateKey))) {
    return { problem: 'has a public key behind its seed that is not that of the seed.' };
  }
  return { key: (content) => `v1a,${sign(null, content, privateKey).toString('base64')}` };
}

function publicHalf(privateKey: KeyObject): Uint8Array {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-seedBytes);
}

function notBase64(prefix: string): string {
  return `has something behind ${prefix} that is not base64 (A to Z, a to z, 0 to 9, + and /, padded with =).`;
}
