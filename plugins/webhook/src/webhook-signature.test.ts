import { createPublicKey, verify } from 'node:crypto';
import { ManualClock, type Receiver, sampleAttempt, startReceiver } from '@aftercommit/testkit';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { open } from '../test/servers.js';
import { privateKey, publicKey, symmetricKey } from '../test/standard-webhooks.js';
import { verifyWebhook } from './verify.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => receiver.clear());

const payload = '{"name":"Zoë 🐙"}';
const otherKey = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** One attempt, and what arrived of it. */
async function arrived(signingKeys: string[], clock = new ManualClock(Date.now()), number = 1) {
  const trigger = await open({ url: receiver.url, signingKeys }, { clock });
  await trigger.attempt(sampleAttempt({ payload, number }));
  const request = (await receiver.requests()).at(-1);
  if (request === undefined) throw new Error('nothing arrived');
  return { body: Buffer.from(request.rawBody), headers: request.headers as Record<string, string> };
}

test('a request is signed so that another library verifies it', async () => {
  const { body, headers } = await arrived([symmetricKey]);
  expect(new Webhook(symmetricKey).verify(body, headers)).toEqual(JSON.parse(payload));
  expect(() => new Webhook(otherKey).verify(body, headers)).toThrow('No matching signature');
  expect(() => new Webhook(symmetricKey).verify(`${payload} `, headers)).toThrow('No matching signature');
});

test('a request is signed with every key, so that receivers can change theirs one after the other', async () => {
  const { body, headers } = await arrived([otherKey, symmetricKey, privateKey]);
  for (const key of [otherKey, symmetricKey]) expect(() => new Webhook(key).verify(body, headers)).not.toThrow();
  expect(headers['webhook-signature']?.split(' ').map((one) => one.split(',')[0])).toEqual(['v1', 'v1', 'v1a']);
});

test('a request is signed so that the public key verifies it, over exactly its bytes', async () => {
  const { body, headers } = await arrived([privateKey]);
  const prefix = Buffer.from('302a300506032b6570032100', 'hex');
  const der = Buffer.concat([prefix, Buffer.from(publicKey.slice('whpk_'.length), 'base64')]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const content = Buffer.concat([Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`), body]);
  const signature = Buffer.from(headers['webhook-signature']?.replace('v1a,', '') ?? '', 'base64');
  expect(verify(null, content, key, signature)).toBe(true);
});

test('each attempt is signed with its own time', async () => {
  const clock = new ManualClock(1_700_000_000_000);
  const first = await arrived([symmetricKey], clock);
  await clock.advance(60_000);
  const second = await arrived([symmetricKey], clock, 2);
  expect([first, second].map(({ headers }) => headers['webhook-timestamp'])).toEqual(['1700000000', '1700000060']);
  for (const { headers, body } of [first, second]) {
    expect(verifyWebhook({ headers, body, keys: [symmetricKey], now: 1_700_000_030_000 })).toMatchObject({
      idempotencyKey: headers['webhook-id'],
      epoch: BigInt(headers['aftercommit-epoch'] ?? ''),
    });
  }
  expect(first.headers['webhook-signature']).not.toBe(second.headers['webhook-signature']);
});

test('a request is not signed without a key', async () => {
  expect((await arrived([])).headers).not.toHaveProperty('webhook-signature');
});
