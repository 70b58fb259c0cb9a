import { annotated } from '@aftercommit/models';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { keySources, recipient, schemaOf, sealer, triggers, vectors } from '../test/sample-kinds.js';
import { inspectSealedConfig, inspectSealedTriggers } from './inspect-sealed.js';
import { sealConfig } from './seal-config.js';
import { sealTriggers } from './seal-triggers.js';
import { unsealConfig } from './unseal-config.js';

describe('inspectSealedTriggers', () => {
  it('knows without a key everything but the values of secrets', async () => {
    const { text } = await sealTriggers(triggers, { schemaOf, sealer, format: 'yaml' });
    const { recipients, sealedAt, config, secrets } = inspectSealedTriggers(text, { schemaOf, format: 'yaml' });
    expect({ recipients, sealedAt }).toEqual({ recipients: [recipient], sealedAt: '2026-11-28T12:00:00Z' });
    expect(config).toMatchObject({
      interval: '30m',
      config: {
        dbt: {
          ...triggers.config.dbt,
          headers: { Authorization: 'sealed', 'X-Käse 😀': 'sealed', 'X-Empty': 'sealed' },
        },
        plain: triggers.config.plain,
        mq: { keys: ['sealed', 'sealed'], token: 'sealed', login: { user: 'ada', hint: 'the usual one' } },
      },
    });
    expect(secrets).toContainEqual({ trigger: 'mq', pointer: '/config/mq/login/password' });
  });

  it('has no trigger names for a list', () => {
    const vector = vectors.find(({ name }) => name === 'trigArr-json-v3.13.2');
    const { secrets } = inspectSealedTriggers(vector?.encrypted, { schemaOf });
    expect(secrets).toEqual([
      { pointer: '/config/0/headers/Authorization' },
      { pointer: '/config/0/headers/X-Api-Key' },
    ]);
  });

  it.each([
    ['neg-plain', 'SECRETS_SHAPE'],
    ['macOnly-json-v3.13.2', 'SECRETS_UNSUPPORTED'],
    ['weak-duplicate-key-exfil', 'SECRETS_DOCUMENT_INVALID'],
  ])('refuses %s without a key: %s', (name, code) => {
    const vector = vectors.find((one) => one.name === name);
    expect(() => inspectSealedTriggers(vector?.encrypted, { schemaOf, label: 'a.json' })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('a.json') }),
    );
  });
});

describe('the configuration of an endpoint', () => {
  const schema = Type.Object({
    host: Type.String(),
    port: Type.Integer({ default: 5432 }),
    password: annotated(Type.String(), { secret: true }),
    comment: Type.Optional(annotated(Type.String(), { nonsensitive: true })),
  });
  const config = { host: 'db.example.com', password: 's3cr3t', comment: 'ours' };

  it.each(['json', 'yaml'] as const)('is sealed and unsealed by its own schema, as %s', async (format) => {
    const { text } = await sealConfig(config, { schema, sealer, format });
    expect(text).not.toContain('s3cr3t');
    expect(text).toContain('password_sops');
    expect(await unsealConfig(text, { schema, format, keySources })).toEqual(config);
    const changed = text.replace('ours', 'theirs');
    expect(await unsealConfig(changed, { schema, format, keySources })).toEqual({ ...config, comment: 'theirs' });
    expect(inspectSealedConfig(text, { schema, format })).toMatchObject({
      config: { ...config, password: 'sealed' },
      secrets: [{ pointer: '/password' }],
    });
  });

  it('is refused when it was changed, and before it is sealed when it breaks its schema', async () => {
    const { text } = await sealConfig(config, { schema, sealer });
    const moved = unsealConfig(text.replace('db.example.com', 'evil.example'), { schema, keySources });
    await expect(moved).rejects.toMatchObject({ code: 'SECRETS_MAC_MISMATCH' });
    const wrong = sealConfig({ ...config, hots: 'x' }, { schema, sealer });
    await expect(wrong).rejects.toMatchObject({ code: 'SECRETS_CONFIG_INVALID', pointer: '/hots' });
    const nulled = sealConfig(
      { host: 'a', password: null },
      {
        schema: Type.Object({
          host: Type.String(),
          password: annotated(Type.Union([Type.String(), Type.Null()]), { secret: true }),
        }),
        sealer,
      },
    );
    await expect(nulled).rejects.toMatchObject({ code: 'SECRETS_VALUE_UNSUPPORTED', pointer: '/password' });
  });
});
