import { stripTriggers } from '@aftercommit/models';
import { describe, expect, it } from 'vitest';
import { keySources, schemaOf, sealer, triggers } from '../test/sample-kinds.js';
import { decryptDocument } from './decrypt-document.js';
import { toOrdered, toPlain } from './ordered-value.js';
import { sealTriggers } from './seal-triggers.js';
import { unsealTriggers } from './unseal-triggers.js';
import { writeDocument } from './write-document.js';

const options = { schemaOf, sealer, label: 'orders.yaml' };
const unseal = { schemaOf, keySources, label: 'orders.yaml' };

describe('sealTriggers', () => {
  it.each(['json', 'yaml'] as const)('seals what unsealTriggers opens to the same, as %s', async (format) => {
    const { text } = await sealTriggers(triggers, { ...options, format });
    expect(await unsealTriggers(text, { ...unseal, format })).toEqual(triggers);
  });

  it('leaves no secret in the text, and everything else', async () => {
    const { text } = await sealTriggers(triggers, options);
    expect(text).not.toMatch(/s3cr3t|1234|the usual one"_/);
    for (const kept of ['"https://example.com/dbt?x=1&y=<2>"', '"Authorization_sops"', '"the usual one"', '"10s"']) {
      expect(text).toContain(kept);
    }
  });

  it('gives the text as a value, too', async () => {
    const { text, value } = await sealTriggers(triggers, options);
    expect(writeDocument(value, 'json')).toBe(text);
    expect([...value.keys()]).toEqual(['config', 'interval', 'sops']);
    expect(await unsealTriggers(toPlain(value), unseal)).toEqual(triggers);
  });

  it('makes a map of a list, by its names or by those it is given', async () => {
    const { dbt, plain } = triggers.config;
    const named = {
      config: [
        { ...dbt, name: 'dbt' },
        { ...plain, name: 'plain' },
      ],
    };
    const { text } = await sealTriggers(named, options);
    expect(await unsealTriggers(text, unseal)).toEqual({ config: { dbt, plain } });

    const given = await sealTriggers({ config: [dbt, plain] }, { ...options, names: ['one', 'two'] });
    expect(await unsealTriggers(given.text, unseal)).toEqual({ config: { one: dbt, two: plain } });
  });

  it('seals a document that sops opens once its nonsensitive fields are stripped', async () => {
    const { value } = await sealTriggers(triggers, options);
    const stripped = writeDocument(toOrdered(stripTriggers(value, schemaOf), 'it'), 'json');
    const opened = await decryptDocument(stripped, { format: 'json', keySources });
    expect(opened).toMatchObject({
      config: {
        dbt: { headers: { Authorization_sops: 'Bearer s3cr3t-dbt' }, payloadTemplate: '' },
        mq: { keys_sops: ['s3cr3t-key-1', 's3cr3t-key-2'], login: { user: 'ada', pin_sops: 1234 } },
      },
    });
    // Ciphertexts are random letters, among which anything may stand.
    const { config } = JSON.parse(stripped);
    const readable = JSON.stringify(config).replaceAll(/ENC\[[^\]]*\]/g, 'ENC');
    expect(readable).toContain('ENC');
    expect(readable).not.toMatch(/30m|10s|park|orders|the usual one/);
    // With them it does not, which is said in the documentation.
    const whole = decryptDocument(writeDocument(value, 'json'), { format: 'json', keySources });
    await expect(whole).rejects.toMatchObject({ code: 'SECRETS_MAC_MISMATCH' });
  });

  it('binds each secret to its trigger: the same header of two triggers has two places', async () => {
    const headers = { Authorization: 'same' };
    const trigger = { url: 'https://example.com', payloadTemplate: '{}', headers };
    const { text } = await sealTriggers({ config: { one: trigger, two: trigger } }, options);
    const [first = '', second = ''] = text.match(/ENC\[[^\]]+\](?=")/g) ?? [];
    const swapped = text.replace(first, 'X').replace(second, first).replace('X', second);
    await expect(unsealTriggers(swapped, unseal)).rejects.toMatchObject({ code: 'SECRETS_CORRUPT' });
  });

  const hook = { url: 'https://example.com', payloadTemplate: '{}' };
  it.each([
    ['is sealed already', { config: {}, sops: {} }, 'SECRETS_ALREADY_SEALED'],
    ['has an unknown field', { config: { a: { ...hook, ulr: 'x' } } }, 'SECRETS_CONFIG_INVALID'],
    ['has no URL', { config: { a: { payloadTemplate: '{}' } } }, 'SECRETS_CONFIG_INVALID'],
    ['is of an unknown kind', { config: { a: { ...hook, kind: 'pigeon' } } }, 'SECRETS_KIND_UNKNOWN'],
    ['has an illegal name', { config: { a_sops: hook } }, 'SECRETS_NAME_INVALID'],
    ['has no name in a list', { config: [hook] }, 'SECRETS_NAME_INVALID'],
    ['has a name twice', { config: [1, 2].map(() => ({ ...hook, name: 'a' })) }, 'SECRETS_NAME_INVALID'],
    ['has a reserved header', { config: { a: { ...hook, headers: { A_sops: 'x' } } } }, 'SECRETS_VALUE_UNSUPPORTED'],
    ['has half a character', { config: { a: { ...hook, headers: { A: '\ud83d' } } } }, 'SECRETS_DOCUMENT_INVALID'],
    ['is a list itself', [hook], 'SECRETS_DOCUMENT_INVALID'],
  ])('refuses a configuration that %s, and quotes nothing', async (_what, config, code) => {
    const failed = await sealTriggers(config, options).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code, message: expect.stringMatching(/^orders\.yaml/) });
    expect(String(failed)).not.toContain('example.com');
  });
});
