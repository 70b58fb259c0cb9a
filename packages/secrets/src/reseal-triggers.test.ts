import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { keySources, recipient, schemaOf, sealer, triggers } from '../test/sample-kinds.js';
import { ageKeySource } from './age-key-source.js';
import { encryptDocument } from './encrypt-document.js';
import { resealTriggers } from './reseal-triggers.js';
import { sealTriggers } from './seal-triggers.js';
import { ageSealer } from './sealer.js';
import { unsealTriggers } from './unseal-triggers.js';

const options = { schemaOf, keySources, label: 'orders.yaml', now: Date.parse('2026-12-01T00:00:00Z') };
const ciphertexts = (text: string): string[] =>
  (text.match(/ENC\[[^\]]*\]/g) ?? []).filter((_, index, all) => index < all.length - 1);

describe('resealTriggers', () => {
  it('corrects one secret, and leaves every other ciphertext and the wrapped key as they are', async () => {
    const { text } = await sealTriggers(triggers, { schemaOf, sealer });
    const changed = await resealTriggers(
      text,
      ({ config, ...rest }) => {
        const { dbt, ...others } = config as typeof triggers.config;
        return {
          ...rest,
          config: { ...others, dbt: { ...dbt, headers: { ...dbt.headers, Authorization: 'corrected' } } },
        };
      },
      options,
    );
    const opened = await unsealTriggers(changed.text, options);
    expect(opened).toEqual({
      ...triggers,
      config: {
        ...triggers.config,
        dbt: { ...triggers.config.dbt, headers: { ...triggers.config.dbt.headers, Authorization: 'corrected' } },
      },
    });
    const before = new Set(ciphertexts(text));
    expect(ciphertexts(changed.text).filter((one) => !before.has(one))).toHaveLength(1);
    expect(changed.text).toContain('"lastmodified": "2026-12-01T00:00:00Z"');
    expect(changed.text).toContain(text.match(/-----BEGIN AGE.*?END AGE/)?.[0]);
  });

  it('changes the two lines of the seal and no other when nothing is changed', async () => {
    const { text } = await sealTriggers(triggers, { schemaOf, sealer });
    const { text: again } = await resealTriggers(text, (config) => config, options);
    const [before, after] = [text.split('\n'), again.split('\n')];
    expect(after.filter((line, index) => line !== before[index]).map((line) => line.trim().slice(0, 6))).toEqual([
      '"lastm',
      '"mac":',
    ]);
  });

  it('adds and removes triggers, URLs included, and keeps those who can open it whose keys are not at hand', async () => {
    const other = await generateX25519Identity();
    const both = ageSealer({ recipients: [recipient, await identityToRecipient(other)] });
    const { text } = await sealTriggers(triggers, { schemaOf, sealer: both, format: 'yaml' });
    const added = {
      url: 'https://new.example',
      headers: { 'X-Key': 'new s3cr3t' },
      payloadTemplate: '{}',
      timeout: '1s',
    };
    const config = { dbt: { ...triggers.config.dbt, url: 'https://moved.example' }, added };
    const changed = await resealTriggers(text, () => ({ config }), { ...options, format: 'yaml' });
    expect(changed.text).not.toContain('s3cr3t');
    const opened = await unsealTriggers(changed.text, { schemaOf, format: 'yaml', keySources: [ageKeySource(other)] });
    expect(opened).toEqual({ config });
  });

  it('makes a map of a list that others have sealed', async () => {
    const trigger = { headers: { Authorization_sops: 's' }, payloadTemplate: '', url: 'https://example.com' };
    const list = await encryptDocument(
      { config: [trigger] },
      { format: 'json', recipients: [recipient], rule: { encryptedSuffix: '_sops' } },
    );
    const { text } = await resealTriggers(list, (config) => config, { ...options, names: ['dbt'] });
    expect(await unsealTriggers(text, options)).toEqual({
      config: { dbt: { headers: { Authorization: 's' }, payloadTemplate: '', url: 'https://example.com' } },
    });
  });

  it('says without a key which secrets must be entered again', async () => {
    const { text } = await sealTriggers(triggers, { schemaOf, sealer });
    const stranger = [ageKeySource(await generateX25519Identity())];
    const failed = await resealTriggers(text, (config) => config, { ...options, keySources: stranger }).catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ code: 'SECRETS_NO_KEY', recipients: [recipient] });
    expect((failed as { enterAgain: unknown }).enterAgain).toEqual([
      { trigger: 'dbt', pointer: '/config/dbt/headers/Authorization' },
      { trigger: 'dbt', pointer: '/config/dbt/headers/X-Käse 😀' },
      { trigger: 'dbt', pointer: '/config/dbt/headers/X-Empty' },
      { trigger: 'mq', pointer: '/config/mq/certificate' },
      { trigger: 'mq', pointer: '/config/mq/keys' },
      { trigger: 'mq', pointer: '/config/mq/login/password' },
      { trigger: 'mq', pointer: '/config/mq/login/pin' },
      { trigger: 'mq', pointer: '/config/mq/peers/0/password' },
      { trigger: 'mq', pointer: '/config/mq/peers/1/password' },
      { trigger: 'mq', pointer: '/config/mq/token' },
    ]);
    expect(String(failed)).toContain('must be entered again: /config/dbt/headers/Authorization, ');
  });

  it('refuses what was changed without the key, so that no change slips in with another', async () => {
    const { text } = await sealTriggers(triggers, { schemaOf, sealer });
    const changed = text.replace('https://example.com/plain', 'https://evil.example');
    await expect(resealTriggers(changed, (config) => config, options)).rejects.toMatchObject({
      code: 'SECRETS_MAC_MISMATCH',
    });
  });
});
