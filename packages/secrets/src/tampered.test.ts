import { beforeAll, describe, expect, it } from 'vitest';
import { keySources, schemaOf, sealer, triggers } from '../test/sample-kinds.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';
import { readJson } from './read-json.js';
import { sealTriggers } from './seal-triggers.js';
import { unsealTriggers } from './unseal-triggers.js';
import { writeDocument } from './write-document.js';

let sealed: string;
beforeAll(async () => {
  sealed = (await sealTriggers(triggers, { schemaOf, sealer })).text;
});

const unseal = (text: string) => unsealTriggers(text, { schemaOf, keySources, label: 'orders.yaml' });

/** The object at a path of a document. */
function at(document: OrderedValue, ...path: Array<string | number>): OrderedObject {
  const found = path.reduce<OrderedValue | undefined>(
    (value, part) => (Array.isArray(value) ? value[Number(part)] : (value as OrderedObject).get(String(part))),
    document,
  );
  if (!(found instanceof Map)) throw new Error(`There is no object at ${path.join('.')}`);
  return found;
}

async function codeOf(text: string): Promise<string> {
  const failed: unknown = await unseal(text).then(
    () => 'opened',
    (error: unknown) => error,
  );
  if (failed === 'opened') return 'opened';
  const { code, message } = failed as { code: string; message: string };
  expect(message, 'no secret is quoted').not.toMatch(/s3cr3t|ENC\[/);
  expect(message).toContain('orders.yaml');
  return code;
}

async function codeAfter(change: (document: OrderedObject) => void): Promise<string> {
  const document = readJson(sealed, 'it') as OrderedObject;
  change(document);
  return codeOf(writeDocument(document, 'json'));
}

const text = (value: OrderedValue | undefined): string => String(value);
const authorization = (document: OrderedObject): OrderedObject => at(document, 'config', 'dbt', 'headers');
const login = (document: OrderedObject): OrderedObject => at(document, 'config', 'mq', 'login');
const mq = (document: OrderedObject): OrderedObject => at(document, 'config', 'mq');

describe('a sealed document that was changed without the key', () => {
  it('opens as long as nothing was changed', async () => {
    expect(await codeAfter(() => undefined)).toBe('opened');
  });

  it.each<[string, string, (document: OrderedObject) => void]>([
    ['another URL', 'MAC_MISMATCH', (document) => at(document, 'config', 'dbt').set('url', 'https://evil.example')],
    ['another method', 'MAC_MISMATCH', (document) => at(document, 'config', 'dbt').set('method', 'POST')],
    ['no method', 'MAC_MISMATCH', (document) => at(document, 'config', 'dbt').delete('method')],
    ['a trigger removed', 'MAC_MISMATCH', (document) => at(document, 'config').delete('plain')],
    ['a trigger with secrets removed', 'MAC_MISMATCH', (document) => at(document, 'config').delete('dbt')],
    [
      'a trigger added',
      'MAC_MISMATCH',
      (document) => {
        at(document, 'config').set(
          'new',
          new Map([
            ['url', 'https://evil.example'],
            ['payloadTemplate', ''],
          ]),
        );
      },
    ],
    [
      'a trigger renamed',
      'CORRUPT',
      (document) => {
        const config = at(document, 'config');
        document.set('config', new Map([...config].map(([name, value]) => [name === 'dbt' ? 'other' : name, value])));
      },
    ],
    [
      'a header renamed',
      'CORRUPT',
      (document) => {
        authorization(document).set('Other_sops', text(authorization(document).get('Authorization_sops')));
        authorization(document).delete('Authorization_sops');
      },
    ],
    [
      'a secret swapped',
      'CORRUPT',
      (document) => login(document).set('password_sops', mq(document).get('token_sops') ?? ''),
    ],
    [
      'a secret of another trigger',
      'CORRUPT',
      (document) => {
        at(document, 'config', 'plain').set('headers', authorization(document));
      },
    ],
    [
      'a secret moved to another trigger',
      'CORRUPT',
      (document) => {
        at(document, 'config', 'plain').set('headers', authorization(document));
        at(document, 'config', 'dbt').delete('headers');
      },
    ],
    [
      'elements of a secret list swapped',
      'MAC_MISMATCH',
      (document) => {
        mq(document).set('keys_sops', [...(mq(document).get('keys_sops') as OrderedValue[])].reverse());
      },
    ],
    [
      'passwords of peers swapped',
      'MAC_MISMATCH',
      (document) => {
        const [one, two] = [at(document, 'config', 'mq', 'peers', 0), at(document, 'config', 'mq', 'peers', 1)];
        const password = one.get('password_sops') ?? '';
        one.set('password_sops', two.get('password_sops') ?? '');
        two.set('password_sops', password);
      },
    ],
    ['a secret blanked', 'MAC_MISMATCH', (document) => authorization(document).set('Authorization_sops', '')],
    ['a secret nulled', 'SHAPE', (document) => authorization(document).set('Authorization_sops', null)],
    ['a secret replaced by a number', 'SHAPE', (document) => authorization(document).set('Authorization_sops', 7)],
    ['a secret replaced by a text', 'SHAPE', (document) => authorization(document).set('Authorization_sops', 'mine')],
    ['a secret removed', 'MAC_MISMATCH', (document) => authorization(document).delete('Authorization_sops')],
    ['a secret beside its plain name', 'SHAPE', (document) => authorization(document).set('Authorization', 'mine')],
    ['a plain secret', 'SHAPE', (document) => login(document).set('password', 'mine')],
    [
      'a ciphertext where nothing is secret',
      'MAC_MISMATCH',
      (document) => {
        at(document, 'config', 'plain').set('url', authorization(document).get('Authorization_sops') ?? '');
      },
    ],
    [
      'the suffix where nothing is secret',
      'SHAPE',
      (document) => {
        at(document, 'config', 'plain').set('url_sops', authorization(document).get('Authorization_sops') ?? '');
        at(document, 'config', 'plain').delete('url');
      },
    ],
    ['the suffix at a trigger', 'SHAPE', (document) => at(document, 'config').set('x_sops', new Map())],
    [
      'the suffix inside of what is sealed',
      'SHAPE',
      (document) => {
        at(document, 'config', 'mq', 'certificate_sops').set('x_sops', '');
      },
    ],
    [
      'the suffix twice',
      'SHAPE',
      (document) => {
        authorization(document).set('A_sops_sops', '');
        login(document).set('password_sops_sops', '');
      },
    ],
    [
      'text after the bracket',
      'SHAPE',
      (document) => {
        const headers = authorization(document);
        headers.set('Authorization_sops', `${text(headers.get('Authorization_sops'))}x`);
      },
    ],
    [
      'base64 that is not as it is written',
      'SHAPE',
      (document) => {
        const headers = authorization(document);
        // 32 bytes leave two bits of the last letter unused.
        headers.set(
          'Authorization_sops',
          text(headers.get('Authorization_sops')).replace(/(iv:[^,]*)(.)=,/, (_all, start, last) => {
            return `${start}${String.fromCharCode(String(last).charCodeAt(0) + 1)}=,`;
          }),
        );
      },
    ],
    [
      'a shorter tag',
      'SHAPE',
      (document) => {
        const headers = authorization(document);
        headers.set('Authorization_sops', text(headers.get('Authorization_sops')).replace(/tag:(.{16}).*,/, 'tag:$1,'));
      },
    ],
    [
      'a shorter IV',
      'SHAPE',
      (document) => {
        const headers = authorization(document);
        headers.set(
          'Authorization_sops',
          text(headers.get('Authorization_sops')).replace(/iv:(.{16})[^,]*,/, 'iv:$1,'),
        );
      },
    ],
    ['a text made an integer', 'CORRUPT', (document) => flipType(authorization(document), 'Authorization_sops', 'int')],
    ['a text made a truth value', 'CORRUPT', (document) => flipType(login(document), 'password_sops', 'bool')],
    ['an integer made a text', 'CONFIG_INVALID', (document) => flipType(login(document), 'pin_sops', 'str')],
    ['a type that there is not', 'CORRUPT', (document) => flipType(login(document), 'pin_sops', 'comment')],
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
        at(document, 'sops').set('mac', authorization(document).get('Authorization_sops') ?? '');
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
    login(document).set('hint', 'another one');
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

function flipType(fields: OrderedObject, name: string, type: string): void {
  fields.set(name, text(fields.get(name)).replace(/type:\w+/, `type:${type}`));
}
