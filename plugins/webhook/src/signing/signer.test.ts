import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { privateKey, publicKey, standardWebhooks, symmetricKey } from '../../test/standard-webhooks.js';
import { Signer } from './signer.js';
import { readSigningKey } from './signing-key.js';

describe('a signature', () => {
  test.each(standardWebhooks.sign.map((vector) => [vector.scheme, vector] as const))(
    'of %s is as Standard Webhooks say',
    (_scheme, { secret, id, timestamp, body, signature }) => {
      expect(new Signer([secret]).signatures(id, String(timestamp), Buffer.from(body))).toBe(signature);
    },
  );

  test('is made with each key, in their order', () => {
    const [first, second] = standardWebhooks.sign;
    const { id = '', timestamp, body = '' } = first ?? {};
    const signer = new Signer([privateKey, symmetricKey]);
    expect(signer.signatures(id, String(timestamp), Buffer.from(body))).toBe(
      `${second?.signature} ${first?.signature}`,
    );
  });
});

describe('a key', () => {
  const encoded = (bytes: number) => randomBytes(bytes).toString('base64');
  const pair = generateKeyPairSync('ed25519');
  const seed = pair.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const half = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);

  test.each([
    ['24 bytes', `whsec_${encoded(24)}`],
    ['32 bytes', `whsec_${encoded(32)}`],
    ['64 bytes', `whsec_${encoded(64)}`],
    ['seed and public key', `whsk_${Buffer.concat([seed, half]).toString('base64')}`],
  ])('of %s is read', (_what, text) => {
    expect(readSigningKey(text).problem).toBeUndefined();
  });

  test.each([
    ...standardWebhooks.badSecrets.map((secret, index) => [`a bad secret of the vectors (${index})`, secret]),
    ['23 bytes', `whsec_${encoded(23)}`],
    ['65 bytes', `whsec_${encoded(65)}`],
    ['base64 for URLs', `whsec_${Buffer.alloc(33, 0xff).toString('base64url')}`],
    ['base64 without its padding', `whsec_${encoded(32).replace('=', '')}`],
    ['base64 with padding too much', `${symmetricKey}=`],
    ['base64 whose last bits are not zero', `whsec_${'A'.repeat(42)}B=`],
    ['a blank behind it', `${symmetricKey} `],
    ['a blank before it', ` ${symmetricKey}`],
    ['a line break in it', `whsec_${encoded(24)}\n${encoded(24)}`],
    ['a prefix in capitals', symmetricKey.replace('whsec', 'WHSEC')],
    ['no prefix', symmetricKey.replace('whsec_', '')],
    ['a seed alone', `whsk_${seed.toString('base64')}`],
    [
      'a seed with the public key of another',
      `whsk_${Buffer.concat([seed, Buffer.from(publicKey.slice(5), 'base64')]).toString('base64')}`,
    ],
    ['the public key before the seed', `whsk_${Buffer.concat([half, seed]).toString('base64')}`],
    ['a sealed value', 'sealed'],
  ])('with %s is refused and not quoted', (_what, text = '') => {
    const { problem = '' } = readSigningKey(text);
    expect(problem).toMatch(/^[a-z].*\.$/);
    const secretPart = text.trim().slice(6);
    if (secretPart !== '') expect(problem).not.toContain(secretPart);
    expect(() => new Signer([symmetricKey, text])).toThrow(`Key 2 of signingKeys ${problem}`);
  });
});
