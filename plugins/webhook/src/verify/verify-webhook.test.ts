import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import {
  asymmetricVector,
  privateKey,
  publicKey,
  standardWebhooks,
  symmetricKey,
  symmetricVector,
} from '../../test/standard-webhooks.js';
import { isVerificationError, type VerificationErrorCode } from './verification-error.js';
import { type ReceivedWebhook, verifyWebhook } from './verify-webhook.js';

const { id, timestamp, body, signature } = symmetricVector;
const now = timestamp * 1000;
const headers = {
  'webhook-id': id,
  'webhook-timestamp': String(timestamp),
  'webhook-signature': signature,
  'aftercommit-epoch': '1700000000000001',
};
const sound: ReceivedWebhook = { headers, body, keys: [symmetricKey], now };

function codeOf(given: Partial<ReceivedWebhook>): VerificationErrorCode | undefined {
  try {
    verifyWebhook({ ...sound, ...given });
    return undefined;
  } catch (error) {
    if (!isVerificationError(error)) throw error;
    for (const secret of [symmetricKey, privateKey, signature]) expect(error.message).not.toContain(secret.slice(6));
    return error.code;
  }
}

describe('a request is verified', () => {
  test.each(standardWebhooks.sign.map((vector) => [vector.scheme, vector] as const))('as %s', (_scheme, vector) => {
    const signed = { ...headers, 'webhook-signature': vector.signature };
    const keys = [vector.publicKey ?? vector.secret];
    expect(verifyWebhook({ headers: signed, body: vector.body, keys, now })).toEqual({
      idempotencyKey: id,
      timestamp,
      epoch: 1_700_000_000_000_001n,
    });
  });

  test('when another library has signed it', () => {
    const at = new Date();
    const bytes = '{"name":"Zoë 🐙"}';
    const made = new Webhook(symmetricKey).sign('msg_1', at, bytes);
    const seconds = Math.floor(at.getTime() / 1000);
    const signed = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(seconds), 'webhook-signature': made };
    expect(verifyWebhook({ headers: signed, body: Buffer.from(bytes), keys: [symmetricKey] })).toEqual({
      idempotencyKey: 'msg_1',
      timestamp: seconds,
      epoch: undefined,
    });
  });

  test.each([
    ['Node', { ...headers, host: 'example.com', 'set-cookie': ['a', 'b'], 'x-none': undefined }],
    ['fetch', new Headers(headers)],
    [
      'in other letter case',
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    ],
    ['a framework with its own class', { get: (name: string) => new Headers(headers).get(name) } as unknown as Headers],
    ['in lists', Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))],
  ])('with headers of %s', (_whose, given) => {
    expect(codeOf({ headers: given })).toBeUndefined();
  });

  test('with one of several keys, and one of several signatures', () => {
    const otherKey = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    expect(codeOf({ keys: [otherKey, publicKey, symmetricKey] })).toBeUndefined();
    const both = {
      ...headers,
      'webhook-signature': `v2,abc v1,AAAA v1a,AAAA ${asymmetricVector.signature} ${signature}`,
    };
    expect(codeOf({ headers: both })).toBeUndefined();
    expect(codeOf({ headers: both, keys: [publicKey] })).toBeUndefined();
    expect(codeOf({ headers: both, keys: [otherKey] })).toBe('VERIFY_NO_MATCH');
  });

  test('up to 300 seconds before and after its time, or what is tolerated', () => {
    for (const seconds of [-300, 300]) expect(codeOf({ now: now + seconds * 1000 })).toBeUndefined();
    expect(codeOf({ now: now + 301_000 })).toBe('VERIFY_TOO_OLD');
    expect(codeOf({ now: now - 301_000 })).toBe('VERIFY_TOO_NEW');
    expect(codeOf({ now: now + 4_000, toleranceSeconds: 3 })).toBe('VERIFY_TOO_OLD');
  });
});

describe('a request is refused', () => {
  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s, or with two', (name) => {
    expect(codeOf({ headers: { ...headers, [name]: undefined } })).toBe('VERIFY_HEADER_MISSING');
    expect(codeOf({ headers: { ...headers, [name]: '' } })).toBe('VERIFY_HEADER_MISSING');
    expect(codeOf({ headers: { ...headers, [name]: ['a', 'b'] } })).toBe('VERIFY_HEADER_MISSING');
    expect(codeOf({ headers: { ...headers, [name.toUpperCase()]: 'other' } })).toBe('VERIFY_HEADER_MISSING');
  });

  test.each(['now', '-1', '1e9', '1614265330.5', ' ', '0x1', '9999999999999'])('with the timestamp %j', (text) => {
    const code = codeOf({ headers: { ...headers, 'webhook-timestamp': text } });
    expect(code).toBe(text.trim() === '' ? 'VERIFY_HEADER_MISSING' : 'VERIFY_HEADER_INVALID');
  });

  test('with more signatures than keys are ever rotated, however long its body is, before anything is computed', () => {
    const flood = { ...headers, 'webhook-signature': 'v1,AAAA '.repeat(100_000) };
    expect(codeOf({ headers: flood })).toBe('VERIFY_HEADER_INVALID');
    const most = { ...headers, 'webhook-signature': `${'v1,AAAA '.repeat(31)}${signature}` };
    expect(codeOf({ headers: most })).toBeUndefined();
    expect(codeOf({ headers: { ...most, 'webhook-signature': `v1,AAAA ${most['webhook-signature']}` } })).toBe(
      'VERIFY_HEADER_INVALID',
    );
  });

  test('at any time when the tolerance or the time is no number', () => {
    expect(codeOf({ toleranceSeconds: Number.NaN })).toBe('VERIFY_TOO_OLD');
    expect(codeOf({ now: Number.NaN })).toBe('VERIFY_TOO_OLD');
  });

  test('when a key is not configured, or is given without a list', () => {
    expect(codeOf({ keys: [symmetricKey, undefined as unknown as string] })).toBe('VERIFY_KEY_INVALID');
    expect(codeOf({ keys: symmetricKey as unknown as string[] })).toBe('VERIFY_KEY_INVALID');
  });

  test('with an epoch that is no number', () => {
    expect(codeOf({ headers: { ...headers, 'aftercommit-epoch': 'x' } })).toBe('VERIFY_HEADER_INVALID');
  });

  test.each<[string, Partial<ReceivedWebhook>]>([
    ['body', { body: `${body} ` }],
    ['id', { headers: { ...headers, 'webhook-id': `${id}x` } }],
    ['time', { headers: { ...headers, 'webhook-timestamp': String(timestamp + 1) } }],
    ['signature, by a letter', { headers: { ...headers, 'webhook-signature': signature.replace('g0', 'g1') } }],
    ['signature, cut', { headers: { ...headers, 'webhook-signature': signature.slice(0, -4) } }],
    ['signature, without its scheme', { headers: { ...headers, 'webhook-signature': signature.slice(3) } }],
    [
      'signature, of another scheme',
      { headers: { ...headers, 'webhook-signature': signature.replace('v1,', 'v1a,') } },
    ],
    ['key', { keys: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`] }],
    ['kind of key', { keys: [publicKey] }],
  ])('with another %s', (_what, given) => {
    expect(codeOf(given)).toBe('VERIFY_NO_MATCH');
  });

  test('when its body was parsed', () => {
    expect(codeOf({ body: JSON.parse(body) })).toBe('VERIFY_BODY_INVALID');
  });

  test.each([
    ...standardWebhooks.badSecrets.filter((secret) => secret !== publicKey),
    privateKey,
    publicKey.slice(0, -4),
    `${symmetricKey} `,
  ])('when a key is none: %#', (key) => {
    expect(codeOf({ keys: [symmetricKey, key] })).toBe('VERIFY_KEY_INVALID');
    expect(codeOf({ keys: [] })).toBe('VERIFY_KEY_INVALID');
  });
});

test('what receivers install stands on Node and nothing else', () => {
  const seen = new Set<string>();
  const visit = (file: URL): void => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)) {
      if (name.startsWith('.')) visit(new URL(name.replace(/\.js$/, '.ts'), file));
      else expect(name).toMatch(/^node:/);
    }
  };
  visit(new URL('../verify.ts', import.meta.url));
  expect(seen.size).toBeGreaterThan(5);
});
