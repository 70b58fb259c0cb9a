import { type CheckOptions, checkTriggers, compileTriggers } from '@aftercommit/delivery';
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
import { authority, clientCertificate } from '../../../tests/servers/certificates.js';
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

  test('is checked without its key, and named as it is with it', () => {
    const { config, secrets: places } = inspectSealedTriggers(sealed, { schemaOf });
    const unknownSecrets = new Set(places.map(({ pointer }) => pointer));
    expect([...unknownSecrets].sort()).toEqual([
      '/config/chat/secretUrl',
      '/config/chat/signingKeys',
      '/config/chat/tls/key',
      '/config/open/headers/Authorization',
    ]);
    expect(checkTriggers(config, registry, { unknownSecrets }).issues).toEqual([]);
    // In a list, so that they have no names of their own.
    const named = (given: TriggersConfig, options: CheckOptions = {}) =>
      checkTriggers({ config: Object.values(given.config) }, registry, options).triggers.map(({ name }) => name);
    const inList = new Map(Object.keys(triggers.config).map((name, index) => [name, String(index)]));
    const unknownInList = new Set(
      [...unknownSecrets].map((pointer) =>
        pointer.replace(/^\/config\/(\w+)/, (_, name) => `/config/${inList.get(name)}`),
      ),
    );
    expect(Object.keys(config.config)).toEqual(Object.keys(triggers.config));
    const withKey = named(triggers);
    expect(withKey[1]).toMatch(/^webhook-a-secret-URL-[0-9a-f]{8}$/);
    expect(named(config, { unknownSecrets: unknownInList })).toEqual(withKey);
  });

  test('shows the host of its secret URL to who has the key', () => {
    expect(compileTriggers(triggers, registry).map(({ target }) => target)).toEqual([
      'https://example.com',
      'https://hooks.example.com',
    ]);
  });
});

describe('the fields of a webhook', () => {
  const issuesOf = (fields: object) =>
    validateTriggers({ config: { one: { payloadTemplate: '{}', ...fields } } }, registry).issues.map(
      ({ pointer, message }) => `${pointer.replace('/config/one', '')}: ${message}`,
    );

  test('have exactly one URL', () => {
    expect(issuesOf({})).toEqual([
      '/url: url is missing (where the payload is sent: http or https, without user and password). secretUrl can take its place.',
    ]);
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
