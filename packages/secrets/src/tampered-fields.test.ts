import { describe, expect, it } from 'vitest';
import { at, codeAfter, dbtHeaders, mq, mqLogin, textOf } from '../test/tampered-sample.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';

describe('a sealed document whose fields were changed without the key', () => {
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
        dbtHeaders(document).set('Other_sops', textOf(dbtHeaders(document).get('Authorization_sops')));
        dbtHeaders(document).delete('Authorization_sops');
      },
    ],
    [
      'a secret swapped',
      'CORRUPT',
      (document) => mqLogin(document).set('password_sops', mq(document).get('token_sops') ?? ''),
    ],
    [
      'a secret of another trigger',
      'CORRUPT',
      (document) => {
        at(document, 'config', 'plain').set('headers', dbtHeaders(document));
      },
    ],
    [
      'a secret moved to another trigger',
      'CORRUPT',
      (document) => {
        at(document, 'config', 'plain').set('headers', dbtHeaders(document));
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
    ['a secret blanked', 'MAC_MISMATCH', (document) => dbtHeaders(document).set('Authorization_sops', '')],
    ['a secret nulled', 'SHAPE', (document) => dbtHeaders(document).set('Authorization_sops', null)],
    ['a secret replaced by a number', 'SHAPE', (document) => dbtHeaders(document).set('Authorization_sops', 7)],
    ['a secret replaced by a text', 'SHAPE', (document) => dbtHeaders(document).set('Authorization_sops', 'mine')],
    ['a secret removed', 'MAC_MISMATCH', (document) => dbtHeaders(document).delete('Authorization_sops')],
    ['a secret beside its plain name', 'SHAPE', (document) => dbtHeaders(document).set('Authorization', 'mine')],
    ['a plain secret', 'SHAPE', (document) => mqLogin(document).set('password', 'mine')],
    [
      'a plain secret in place of the sealed one',
      'SHAPE',
      (document) => mqLogin(document).set('password', 'mine').delete('password_sops'),
    ],
    ['a text beside a sealed list', 'SHAPE', (document) => mq(document).set('keys', 'mine')],
    [
      'a ciphertext where nothing is secret',
      'MAC_MISMATCH',
      (document) => {
        at(document, 'config', 'plain').set('url', dbtHeaders(document).get('Authorization_sops') ?? '');
      },
    ],
    [
      'the suffix where nothing is secret',
      'SHAPE',
      (document) => {
        at(document, 'config', 'plain').set('url_sops', dbtHeaders(document).get('Authorization_sops') ?? '');
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
        dbtHeaders(document).set('A_sops_sops', '');
        mqLogin(document).set('password_sops_sops', '');
      },
    ],
    [
      'text after the bracket',
      'SHAPE',
      (document) => {
        const headers = dbtHeaders(document);
        headers.set('Authorization_sops', `${textOf(headers.get('Authorization_sops'))}x`);
      },
    ],
    [
      'base64 that is not as it is written',
      'SHAPE',
      (document) => {
        const headers = dbtHeaders(document);
        // 32 bytes leave two bits of the last letter unused.
        headers.set(
          'Authorization_sops',
          textOf(headers.get('Authorization_sops')).replace(/(iv:[^,]*)(.)=,/, (_all, start, last) => {
            return `${start}${String.fromCharCode(String(last).charCodeAt(0) + 1)}=,`;
          }),
        );
      },
    ],
    [
      'a shorter tag',
      'SHAPE',
      (document) => {
        const headers = dbtHeaders(document);
        headers.set(
          'Authorization_sops',
          textOf(headers.get('Authorization_sops')).replace(/tag:(.{16}).*,/, 'tag:$1,'),
        );
      },
    ],
    [
      'a shorter IV',
      'SHAPE',
      (document) => {
        const headers = dbtHeaders(document);
        headers.set(
          'Authorization_sops',
          textOf(headers.get('Authorization_sops')).replace(/iv:(.{16})[^,]*,/, 'iv:$1,'),
        );
      },
    ],
    ['a text made an integer', 'CORRUPT', (document) => flipType(dbtHeaders(document), 'Authorization_sops', 'int')],
    ['a text made a truth value', 'CORRUPT', (document) => flipType(mqLogin(document), 'password_sops', 'bool')],
    ['an integer made a text', 'CONFIG_INVALID', (document) => flipType(mqLogin(document), 'pin_sops', 'str')],
    ['a type that there is not', 'CORRUPT', (document) => flipType(mqLogin(document), 'pin_sops', 'comment')],
  ])('is refused with %s: %s', async (_what, code, change) => {
    expect(await codeAfter(change)).toBe(`SECRETS_${code}`);
  });
});

function flipType(fields: OrderedObject, name: string, type: string): void {
  fields.set(name, textOf(fields.get(name)).replace(/type:\w+/, `type:${type}`));
}
