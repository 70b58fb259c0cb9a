import { compileTriggers } from '@aftercommit/delivery';
import type { TriggersConfig } from '@aftercommit/models';
import { TriggerKindRegistry, validateTriggers } from '@aftercommit/registry';
import {
  ageKeySource,
  ageSealer,
  inspectSealedTriggers,
  newAgeIdentity,
  sealTriggers,
  unsealTriggers,
} from '@aftercommit/secrets';
import { beforeAll, describe, expect, test } from 'vitest';
import { authority, clientCertificate } from '../test/certificates.js';
import { privateKey, symmetricKey } from '../test/standard-webhooks.js';
import { webhook } from './webhook-kind.js';

const registry = new TriggerKindRegistry([webhook]);
const schemaOf = (kind: string) => registry.find(kind)?.configSchema;

const chat = {
  secretUrl: 'https://hooks.example.com/services/T0/B0/tok3n?key=k3y',
  signingKeys: [symmetricKey, privateKey],
  tls: { ca: authority, certificate: clientCertificate.cert, key: clientCertificate.key },
  payloadTemplate: '{}',
};
const open = { url: 'https://example.com/hook', headers: { Authorization: 'Bearer s3cret' }, payloadTemplate: '{}' };
const triggers = { config: { open, chat } } satisfies TriggersConfig;
const secrets = [chat.secretUrl, symmetricKey, privateKey, clientCertificate.key, 'tok3n', 'k3y', 's3cret'];

describe('a sealed webhook', () => {
  let sealed: string;
  let keySources: Array<ReturnType<typeof ageKeySource>>;

  beforeAll(async () => {
    const { identity, recipient } = await newAgeIdentity();
    keySources = [ageKeySource(identity)];
    sealed = (await sealTriggers(triggers, { schemaOf, sealer: ageSealer({ recipients: [recipient], now: Date.now }) }))
      .text;
  });

  test('shows no secret URL, no signing key and no client key', () => {
    for (const secret of secrets) expect(sealed).not.toContain(JSON.stringify(secret).slice(1, -1));
    for (const name of ['secretUrl_sops', 'signingKeys_sops', 'key_sops']) expect(sealed).toContain(`"${name}"`);
    expect(sealed).toContain('BEGIN CERTIFICATE');
  });

  test('is opened as it was', async () => {
    expect(await unsealTriggers(sealed, { schemaOf, keySources })).toEqual(triggers);
  });

  test('is named without its key as it is with it', () => {
    const plainList = { config: Object.values(triggers.config) };
    const { config } = inspectSealedTriggers(sealed, { schemaOf });
    const withoutKey = { config: Object.values(config.config) };
    const [, named] = compileTriggers(plainList, registry);
    expect(named?.name).toMatch(/^webhook-a-secret-URL-[0-9a-f]{8}$/);
    expect(named?.target).toBe('https://hooks.example.com');
    const { triggers: found, faulty } = validateTriggers(withoutKey, registry);
    expect([...found, ...faulty].map(({ sealedTarget }) => sealedTarget)).toEqual([
      'https://example.com',
      'a secret URL',
    ]);
  });
});

describe('the fields of a webhook', () => {
  const issuesOf = (fields: object) =>
    validateTriggers({ config: { one: { payloadTemplate: '{}', ...fields } } }, registry).issues.map(
      ({ pointer, message }) => `${pointer.replace('/config/one', '')}: ${message}`,
    );

  test('have exactly one URL', () => {
    expect(issuesOf({})).toEqual(['/url: url or secretUrl is missing. Give one of them.']);
    expect(issuesOf({ url: open.url, secretUrl: chat.secretUrl })).toEqual([
      '/url: Of url and secretUrl only one can be given. Remove the other.',
    ]);
  });

  test('have a client certificate and its key, or neither', () => {
    const { certificate, key } = chat.tls;
    expect(issuesOf({ url: open.url, tls: { certificate } })).toEqual([
      expect.stringMatching(/^\/tls\/key: key is missing/),
    ]);
    expect(issuesOf({ url: open.url, tls: { key } })).toEqual([
      expect.stringMatching(/^\/tls\/certificate: certificate is missing/),
    ]);
    expect(issuesOf({ url: open.url, tls: { certificate, key } })).toEqual([]);
  });
});
