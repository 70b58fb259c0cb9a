import { inspect } from 'node:util';
import { TriggerKindRegistry, triggersSchema } from '@aftercommit/registry';
import { kindConformance, type Receiver, sampleEnvironment, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { privateKey, symmetricKey } from '../test/standard-webhooks.js';
import { webhook } from './webhook-kind.js';

describe.each(['url', 'secretUrl'] as const)('a webhook with %s', (field) => {
  let receiver: Receiver;
  const config = { headers: { Authorization: 'Bearer s3cret' }, signingKeys: [symmetricKey, privateKey] };

  beforeAll(async () => {
    receiver = await startReceiver();
    Object.assign(config, { [field]: `${receiver.url}/hooks/t0ken?key=k3y` });
  });
  afterAll(() => receiver.stop());

  const respond = (response: Parameters<Receiver['respond']>[1][number]) =>
    receiver.respond('/hooks/t0ken', [response]);
  const cases = kindConformance({
    kind: webhook,
    config,
    secretValues: ['Bearer s3cret', symmetricKey, privateKey],
    invalidConfigs: [
      { config: {}, pointer: '/url' },
      { config: { url: 'hooks.example.com' }, pointer: '/url' },
      { config: { secretUrl: 'hooks.example.com/t0ken' }, pointer: '/secretUrl' },
      { config: { url: 'https://example.com', secretUrl: 'https://example.com' }, pointer: '/url' },
      { config: { url: 'https://example.com', signingKeys: ['whsec_s3cret'] }, pointer: '/signingKeys' },
      { config: { url: 'https://example.com', tls: { key: 's3cret' } }, pointer: '/tls/certificate' },
      { config: { url: 'https://example.com', method: 'GET' }, pointer: '/method' },
      { config: { url: 'https://example.com', headers: { 'a/b': 'c' } }, pointer: '/headers' },
      { config: { url: 'https://example.com', headers: { 'Webhook-Id': 'mine' } }, pointer: '/headers/Webhook-Id' },
    ],
    receiver: {
      received: async () =>
        (await receiver.requests()).map(({ rawBody, idempotencyKey }) => ({
          payload: rawBody,
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        })),
      accept: () => respond({ status: 204 }),
      refuse: () => respond({ status: 503, body: 'busy' }),
      reject: () => respond({ status: 404 }),
      hang: () => respond({ hang: true }),
    },
  });
  for (const { title, run, skip } of cases) test.skipIf(skip !== undefined)(title, run);
});

describe('a webhook', () => {
  test('shows scheme, host and port of its target only', () => {
    expect(webhook.describeTarget({ url: 'https://user:pass@Example.com:8443/a?b#c' })).toBe(
      'https://example.com:8443',
    );
    expect(webhook.describeTarget({ url: 'https://example.com:443/' })).toBe('https://example.com');
    expect(webhook.describeTarget({ url: 's3cret' })).not.toContain('s3cret');
    expect(webhook.describeTarget({ secretUrl: 'https://Example.com:8443/a?b#c' })).toBe('https://example.com:8443');
    for (const sealed of [{}, { secretUrl: 'sealed' }]) expect(webhook.describeTarget(sealed)).toBe('a secret URL');
  });

  test.each([{ url: 's3cret' }, { secretUrl: 's3cret' }, {}])(
    'is not opened as %j, and its error has nothing of it',
    (config) => {
      const opening = webhook.open(config, sampleEnvironment());
      return expect(opening).rejects.toSatisfy((error) => error instanceof Error && !inspect(error).includes('s3cret'));
    },
  );

  test('lets templates see its headers', () => {
    expect(webhook.templateContext?.({ url: 'https://example.com', headers: { 'X-Team': 'a' } })).toEqual({
      headers: { 'X-Team': 'a' },
    });
    expect(webhook.templateContext?.({ url: 'https://example.com' })).toEqual({ headers: {} });
  });

  test('marks header values, secret URL, signing keys and client key as secret in the composed schema, and nothing else', () => {
    const text = JSON.stringify(triggersSchema(new TriggerKindRegistry([webhook])));
    // Of a list of triggers, and of a map.
    expect(text.match(/"secret":true/g)).toHaveLength(2 * 4);
    const { headers, secretUrl, signingKeys, tls } = webhook.configSchema.properties;
    for (const field of [headers, secretUrl, signingKeys, tls.properties.key]) {
      expect(JSON.stringify(field).match(/"secret":true/g)).toHaveLength(1);
    }
  });
});
