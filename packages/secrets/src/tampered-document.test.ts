import { describe, expect, it } from 'vitest';
import { triggers } from '../test/sample-kinds.js';
import { at, codeAfter, codeOf, dbtHeaders, mqLogin, sealed, unseal } from '../test/tampered-sample.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';
import { readJson } from './read-json.js';
import { writeDocument } from './write-document.js';

describe('a sealed document whose seal, kinds or text were changed', () => {
  it.each<[string, string, (document: OrderedObject) => void]>([
    ['another time', 'MAC_MISMATCH', (document) => at(document, 'sops').set('lastmodified', '2026-11-28T12:00:01Z')],
    [
      'another spelling of the time',
      'MAC_MISMATCH',
      (document) => {
        at(document, 'sops').set('lastmodified', '2026-11-28T12:00:00+00:00');
      },
    ],
    [
      'a time with fractions',
      'METADATA_INVALID',
      (document) => {
        at(document, 'sops').set('lastmodified', '2026-11-28T12:00:00.0Z');
      },
    ],
    ['no seal', 'MAC_MISMATCH', (document) => at(document, 'sops').delete('mac')],
    ['an empty seal', 'MAC_MISMATCH', (document) => at(document, 'sops').set('mac', '')],
    [
      'a ciphertext for a seal',
      'MAC_MISMATCH',
      (document) => {
        at(document, 'sops').set('mac', dbtHeaders(document).get('Authorization_sops') ?? '');
      },
    ],
    ['a seal of secrets alone', 'UNSUPPORTED', (document) => at(document, 'sops').set('mac_only_encrypted', true)],
    ['another suffix', 'UNSUPPORTED', (document) => at(document, 'sops').set('encrypted_suffix', '_x')],
    ['no suffix', 'UNSUPPORTED', (document) => at(document, 'sops').delete('encrypted_suffix')],
    ['two rules', 'METADATA_INVALID', (document) => at(document, 'sops').set('encrypted_regex', 'url')],
    ['nobody who could open it', 'METADATA_INVALID', (document) => at(document, 'sops').set('age', [])],
    ['another kind', 'SHAPE', (document) => at(document, 'config', 'dbt').set('kind', 'queue')],
    ['an unknown kind', 'KIND_UNKNOWN', (document) => at(document, 'config', 'dbt').set('kind', 'pigeon')],
    ['an unknown field', 'MAC_MISMATCH', (document) => at(document, 'config', 'dbt').set('ulr', 'x')],
    [
      'an unknown field that counts for nothing',
      'CONFIG_INVALID',
      (document) => at(document, 'config', 'dbt').set('ulr', ''),
    ],
    ['an unknown section', 'CONFIG_INVALID', (document) => document.set('other', '')],
    ['no triggers', 'MAC_MISMATCH', (document) => document.set('config', new Map())],
    ['a list of its triggers', 'CORRUPT', (document) => document.set('config', [...at(document, 'config').values()])],
  ])('is refused with %s: %s', async (_what, code, change) => {
    expect(await codeAfter(change)).toBe(`SECRETS_${code}`);
  });

  it.each<[string, string, (text: string) => string]>([
    [
      'a field twice',
      'DOCUMENT_INVALID',
      (written) => written.replace('"url"', '"url": "https://evil.example", "url"'),
    ],
    ['text behind it', 'DOCUMENT_INVALID', (written) => `${written}{}`],
    ['a byte order mark', 'DOCUMENT_INVALID', (written) => `\uFEFF${written}`],
    ['its section twice', 'DOCUMENT_INVALID', (written) => written.replace('"sops"', '"sops": {}, "sops"')],
    [
      '256 levels and more',
      'DOCUMENT_INVALID',
      (written) => {
        return written.replace('"config"', `"x": ${'['.repeat(300)}${']'.repeat(300)}, "config"`);
      },
    ],
    [
      'half a character',
      'DOCUMENT_INVALID',
      (written) => written.replace('"mq.example.com"', '"mq.example.com\\ud83d"'),
    ],
    ['no section', 'NOT_SEALED', (written) => written.replace('"sops"', '"sips"')],
  ])('is refused with %s', async (_what, code, change) => {
    expect(await codeOf(change(sealed))).toBe(`SECRETS_${code}`);
  });

  it('keeps opening when a nonsensitive field is changed, added, moved or removed', async () => {
    const document = readJson(sealed, 'it') as OrderedObject;
    const { dbt, plain, mq: queue } = triggers.config;
    at(document, 'config', 'dbt').set('payloadTemplate', '{"corrected":true}').delete('timeout');
    at(document, 'config').set(
      'plain',
      new Map<string, OrderedValue>([['maxAttempts', 9], ...at(document, 'config', 'plain')]),
    );
    mqLogin(document).set('hint', 'another one');
    document.delete('interval');
    const { timeout: _timeout, ...dbtKept } = dbt;
    expect(await unseal(writeDocument(document, 'json'))).toEqual({
      config: {
        dbt: { ...dbtKept, payloadTemplate: '{"corrected":true}' },
        plain: { ...plain, maxAttempts: 9 },
        mq: { ...queue, login: { ...queue.login, hint: 'another one' } },
      },
    });
  });
});
