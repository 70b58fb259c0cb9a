import { describe, expect, test } from 'vitest';
import {
  authority,
  clientCertificate,
  encryptedClientKey,
  receiverCertificate,
} from '../../../tests/servers/certificates.js';
import { tlsIssues } from './tls-issues.js';

const { cert: certificate, key } = clientCertificate;
const found = (config: Parameters<typeof tlsIssues>[1]) =>
  tlsIssues('tls', config).map(({ pointer, message }) => `${pointer}: ${message}`);

describe('the particulars of TLS', () => {
  test.each([
    ['nothing', {}],
    [
      'several authorities, with comments between them',
      { ca: `# ours\n${authority}\n# theirs\n${receiverCertificate.cert}` },
    ],
    ['a certificate with its chain, and its key', { certificate: certificate + authority, key }],
    ['a certificate whose key is sealed', { certificate }],
  ])('are fine with %s', (_what, config) => {
    expect(found(config)).toEqual([]);
  });

  test.each([
    ['no PEM', { ca: 'authority' }, '/tls/ca: tls.ca is no certificate'],
    ['nothing in it', { ca: '' }, '/tls/ca: tls.ca is no certificate'],
    ['a key', { ca: key }, '/tls/ca: tls.ca has a private key in it'],
    [
      'a key behind the certificate',
      { certificate: certificate + key, key },
      '/tls/certificate: tls.certificate has a private key in it',
    ],
    [
      'a request for a certificate',
      { ca: authority.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST') },
      '/tls/ca: tls.ca is no certificate',
    ],
    [
      'a broken certificate',
      { certificate: certificate.replace('MII', 'MIX'), key },
      '/tls/certificate: tls.certificate has a certificate in it that cannot be read',
    ],
    [
      'a broken second certificate',
      { ca: authority + authority.replace('MII', 'MIX') },
      '/tls/ca: tls.ca has a certificate in it that cannot be read',
    ],
    ['a certificate as key', { certificate, key: certificate }, '/tls/key: tls.key is no private key'],
    ['a broken key', { certificate, key: key.replace('MIG', 'MIX') }, '/tls/key: tls.key is no private key'],
    ['an encrypted key', { certificate, key: encryptedClientKey }, '/tls/key: tls.key is encrypted'],
    [
      'the key of another certificate',
      { certificate, key: receiverCertificate.key },
      '/tls/key: tls.key is not that of the first certificate',
    ],
    [
      'a chain in the wrong order',
      { certificate: authority + certificate, key },
      '/tls/key: tls.key is not that of the first certificate',
    ],
  ])('are refused with %s, and nothing of them is quoted', (_what, config, saying) => {
    const issues = found(config);
    expect(issues).toEqual([expect.stringContaining(saying)]);
    expect(issues.join()).not.toMatch(/MII|MIX|MIG/);
  });
});
