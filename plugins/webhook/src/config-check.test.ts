import { describe, expect, test } from 'vitest';
import { authority, clientCertificate } from '../../../tests/servers/certificates.js';
import { egressOf } from '../test/scripted-egress.js';
import { standardWebhooks, symmetricKey } from '../test/standard-webhooks.js';
import { checkConfig as checkWithin } from './config-check.js';
import type { WebhookConfig } from './webhook-config.js';

const url = 'https://example.com/hook?token=s3cret';
const checkConfig = (config: WebhookConfig, egress = egressOf()) => checkWithin(config, { egress });
const pointers = (headers: Record<string, string>) => checkConfig({ url, headers }).map(({ pointer }) => pointer);

describe('the url', () => {
  test.each(['http://example.com', 'https://[::1]:8443/a?b=c#d', url])('accepts %s', (accepted) => {
    expect(checkConfig({ url: accepted })).toEqual([]);
  });

  test.each([
    ['', 'url is empty'],
    ['/s3cret', 'does not parse'],
    ['example.com/s3cret', 'has no scheme. Write https:// in front of it, as in https://example.com.'],
    ['//example.com:8080/s3cret', 'as in https://example.com.'],
    ['localhost?token=s3cret', 'as in https://localhost.'],
    ['s3cret', 'does not parse'],
    ['https://example.com:99999/s3cret', 'does not parse'],
    ['ftp://example.com/s3cret', 'url must be http or https, not ftp.'],
    ['data:s3cret', 'url must be http or https, not data.'],
    ['localhost:8080/s3cret', 'as in http://localhost:8080.'],
    ['hooks.example.com:443?token=s3cret', 'as in http://hooks.example.com:443.'],
    ['user:5s3cret', 'not user.'],
    ['https://user:s3cret@example.com', 'Authorization header'],
    ['https://s3cret@example.com', 'Authorization header'],
  ])('refuses %j and does not quote it', (refused, saying) => {
    const [issue] = checkConfig({ url: refused });
    expect(issue).toMatchObject({ severity: 'error', pointer: '/url' });
    expect(issue?.message).toContain(saying);
    expect(issue?.message).not.toContain('s3cret');
  });
});

describe('a url with a variable of the environment', () => {
  test.each([`\${HOOK_URL}`, '$HOOK_URL', `https://\${HOST}/s3cret`, `https://example.com/\${s3cret}`])(
    'is refused, because nobody fills it in, and not quoted: %#',
    (refused) => {
      expect(checkConfig({ url: refused })).toEqual([
        {
          severity: 'error',
          pointer: '/url',
          message: 'url has a variable in it, and variables are not filled in. Write the URL itself.',
        },
      ]);
      const [secret] = checkConfig({ secretUrl: refused });
      expect(secret?.message).toContain('Write the URL itself, and seal it.');
      expect(secret?.message).not.toContain('s3cret');
    },
  );

  test.each(['https://example.com/a$b', 'https://example.com/?cost=$5'])('is none in %s', (accepted) => {
    expect(checkConfig({ url: accepted })).toEqual([]);
  });
});

describe('a url with braces', () => {
  test.each([
    'https://example.com/{{run_id}}/s3cret',
    'https://example.com/hook?run={{{run_id}}}&token=s3cret',
    'https://example.com/{{#each x}}s3cret{{/each}}',
    'https://example.com/{{ s3cret',
  ])('is refused, because urls are no templates, and not quoted: %#', (refused) => {
    const issues = checkConfig({ url: refused });
    expect(issues).toMatchObject([{ severity: 'error', pointer: '/url' }]);
    expect(issues[0]?.message).toContain('is no template');
    expect(issues[0]?.message).not.toContain('s3cret');
  });

  test.each(['https://example.com/{id}', 'https://example.com/?q=%7B%7Bx%7D%7D'])('is accepted as %s', (accepted) => {
    expect(checkConfig({ url: accepted })).toEqual([]);
  });

  test('has the error alone, where the host is one of it', () => {
    expect(checkConfig({ url: 'https://{{host}}/x' })).toHaveLength(1);
    expect(checkConfig({ url: '{{url}}' })).toMatchObject([{ message: expect.stringContaining('is no template') }]);
  });
});

describe('a secret url', () => {
  test.each([
    ['s3cret', 'does not parse'],
    ['s3cret.example.com/s3cret', 'has no scheme. Write https:// in front of it.'],
    ['ftp://example.com/s3cret', 'must begin with http:// or https://'],
    ['s3cret:8080/s3cret', 'must begin with http:// or https://'],
    ['s3cret:x', 'must begin with http:// or https://'],
    ['https://user:s3cret@example.com', 'Authorization header'],
    ['https://example.com/{{s3cret}}', 'is no template'],
  ])('is refused as %j, and nothing of it is quoted', (secretUrl, saying) => {
    const issues = checkConfig({ secretUrl });
    expect(issues).toEqual([{ severity: 'error', pointer: '/secretUrl', message: expect.stringContaining(saying) }]);
    expect(issues[0]?.message).not.toContain('s3cret');
  });

  test('is not looked for where it is sealed', () => {
    expect(checkConfig({ secretUrl: url })).toEqual([]);
    expect(checkConfig({})).toEqual([]);
  });
});

describe('a host that may not be reached', () => {
  const egress = egressOf({ refusal: (host) => `${host} may not be reached.` });

  test.each(['url', 'secretUrl'] as const)('is an issue of %s', (field) => {
    expect(checkConfig({ [field]: 'http://[::1]:8080/s3cret' }, egress)).toEqual([
      { severity: 'error', pointer: `/${field}`, message: '[::1] may not be reached.' },
    ]);
  });
});

describe('signing keys', () => {
  test('are checked each, at their list, which has no other place when it is sealed', () => {
    expect(checkConfig({ url, signingKeys: [symmetricKey] })).toEqual([]);
    const issues = checkConfig({ url, signingKeys: [symmetricKey, ...standardWebhooks.badSecrets] });
    expect(issues).toHaveLength(standardWebhooks.badSecrets.length);
    expect(new Set(issues.map(({ pointer }) => pointer))).toEqual(new Set(['/signingKeys']));
    expect(issues[0]?.message).toMatch(/^Key 2 of signingKeys /);
    expect(JSON.stringify(issues)).not.toMatch(/wronglength|MfKQ9r8|6Xb/);
  });

  test('that are none at all are refused: somebody wanted requests to be signed', () => {
    expect(checkConfig({ url, signingKeys: [] })).toMatchObject([{ severity: 'error', pointer: '/signingKeys' }]);
  });
});

describe('the particulars of TLS', () => {
  const tls = { ca: authority, certificate: clientCertificate.cert, key: clientCertificate.key };

  test.each(['url', 'secretUrl'] as const)('go with https alone, as %s', (field) => {
    expect(checkConfig({ [field]: 'https://example.com', tls })).toEqual([]);
    expect(checkConfig({ [field]: 'HTTP://example.com', tls })).toMatchObject([{ pointer: '/tls' }]);
  });

  test('are checked, and a key that is sealed is not looked for', () => {
    expect(checkConfig({ url, tls: { ca: 'x' } })).toMatchObject([{ pointer: '/tls/ca' }]);
    expect(checkConfig({ url, tls: { certificate: tls.certificate } })).toEqual([]);
  });
});

describe('headers', () => {
  test('accepts legal names and values, also empty and Latin-1 ones', () => {
    expect(checkConfig({ url, headers: { Authorization: 'Bearer s', 'X-Empty': '', 'X-Latin': 'Zoë\tü' } })).toEqual(
      [],
    );
  });

  test.each(['', 'a b', 'a:b', 'naïve', 'a\n'])('refuses the name %j', (name) => {
    expect(pointers({ [name]: 'x' })).toEqual(['/headers']);
  });

  test('shows of a name only what is before a secret that got into it', () => {
    const issues = checkConfig({ url, headers: { 'Authorization: Bearer s3cret': '' } });
    expect(issues).toMatchObject([{ message: expect.stringContaining('begins with "Authorization"') }]);
    expect(JSON.stringify(issues)).not.toContain('s3cret');
  });

  test('escapes a name in its pointer', () => {
    expect(pointers({ 'a~c': 's3cret\n' })).toEqual(['/headers/a~0c']);
  });

  test.each(['s3cret\n', 's3cret\r\n folded', 's3cret\r', 's3cret\u0000', 's3cret\u007f', 's3cret🐙'])(
    'refuses the value %j and does not quote it',
    (value) => {
      const [issue] = checkConfig({ url, headers: { 'X-Token': value } });
      expect(issue?.pointer).toBe('/headers/X-Token');
      expect(issue?.message).not.toContain('s3cret');
    },
  );

  test('refuses two names that differ in letter case only', () => {
    expect(pointers({ 'X-Token': 'a', 'x-token': 'b' })).toEqual(['/headers/x-token']);
  });

  test.each([
    'Host',
    'Content-Length',
    'transfer-encoding',
    'Connection',
    'Keep-Alive',
    'Upgrade',
    'TE',
    'Trailer',
    'Expect',
    'Proxy-Authorization',
    'proxy-x',
    'Webhook-Id',
    'Webhook-Timestamp',
    'Webhook-Signature',
    'Aftercommit-Epoch',
    'Traceparent',
  ])('refuses the reserved %s with the list of reserved ones', (name) => {
    const [issue] = checkConfig({ url, headers: { [name]: 'x' } });
    expect(issue?.pointer).toBe(`/headers/${name}`);
    expect(issue?.message).toContain('host, content-length');
    expect(issue?.message).toContain('aftercommit-epoch');
  });

  test('reports every issue at once, beside those of the url', () => {
    expect(checkConfig({ url: 'x', headers: { Host: 'a', 'b c': 'd' } })).toHaveLength(3);
  });
});
