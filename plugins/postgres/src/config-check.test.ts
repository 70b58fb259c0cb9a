import { sampleEnvironment } from '@aftercommit/testkit';
import { describe, expect, test } from 'vitest';
import { receiverCertificate as stranger } from '../../../tests/servers/certificates.js';
import { selfSigned } from '../../../tests/servers/self-signed.js';
import { checkConfig } from './config-check.js';
import type { PostgresConfig } from './postgres-config.js';

const { egress } = sampleEnvironment();
const base: PostgresConfig = { host: 'a', database: 'b', user: 'c', table: 'd' };
const pointers = (given: Partial<PostgresConfig>) =>
  checkConfig({ ...base, ...given }, { egress }).map(({ pointer }) => pointer);

describe('a configuration', () => {
  test.each(['db.example.com', '127.0.0.1', '::1', '[::1]'])('may name the host %s', (host) => {
    expect(pointers({ host })).toEqual([]);
  });

  test.each(['/var/run/postgresql', 'a:5432', 'user@a', 'postgres://a', 'a,b', 'a b', '{{host}}'])(
    'may not name the host %s',
    (host) => {
      expect(pointers({ host })).toEqual(['/host']);
    },
  );

  test('may name tables and columns as they are called', () => {
    expect(pointers({ table: 'public.It\'s "1"', columns: { payload: 'Body', epoch: 'Epoch' } })).toEqual([]);
    for (const table of ['a.b.c', '.a', 'a.', '{{x}}', 'a\0', 'é'.repeat(32)]) {
      expect(pointers({ table }), table).toEqual(['/table']);
    }
    expect(pointers({ columns: { payload: 'x'.repeat(64) } })).toEqual(['/columns/payload']);
    expect(pointers({ columns: { payload: 'a', variables: 'a' } })).toEqual(['/columns/variables']);
    expect(pointers({ columns: { variables: 'payload' } })).toEqual(['/columns/variables']);
  });

  test('has a table or a channel', () => {
    const { table: _none, ...without } = base;
    const found = (given: Partial<PostgresConfig>) =>
      checkConfig({ ...without, ...given }, { egress }).map(({ pointer }) => pointer);
    expect(found({})).toEqual(['']);
    expect(found({ channel: 'a' })).toEqual([]);
    expect(found({ channel: 'a', columns: { idempotencyKey: 'idempotency_key', payload: 'payload' } })).toEqual([]);
    expect(found({ channel: 'a', columns: { epoch: 'epoch' } })).toEqual(['/columns']);
    expect(found({ channel: 'x'.repeat(64) })).toEqual(['/channel']);
    expect(pointers({ channel: 'a' })).toEqual(['']);
  });

  test('has certificates that can be read, where there is TLS', () => {
    const { cert, key } = selfSigned;
    expect(pointers({ tls: { ca: cert, certificate: cert, key } })).toEqual([]);
    expect(pointers({ tls: { mode: 'disable' } })).toEqual([]);
    expect(pointers({ tls: { mode: 'disable', ca: cert } })).toEqual(['/tls/mode']);
    expect(pointers({ tls: { ca: '/etc/ca.pem', certificate: 'x', key: 'y' } })).toEqual([
      ...['/tls/ca', '/tls/certificate', '/tls/key'],
    ]);
    expect(pointers({ tls: { key } })).toEqual(['/tls/certificate']);
    expect(pointers({ tls: { certificate: cert, key: stranger.key } })).toEqual(['/tls/key']);
    // Only tls.key is secret.
    expect(pointers({ tls: { ca: cert + key, certificate: key + cert, key } })).toEqual([
      '/tls/ca',
      '/tls/certificate',
    ]);
  });

  test('is found wrong without quoting a secret', () => {
    const given = {
      ...base,
      host: 'postgres://user:s3cret@a',
      tls: { ca: 's3cret', certificate: 's3cret', key: 's3cret' },
    };
    const issues = checkConfig(given, { egress });
    expect(issues).toHaveLength(4);
    expect(JSON.stringify(issues)).not.toContain('s3cret');
  });

  test('is asked of the operator', () => {
    const refusing = { ...egress, refusal: () => 'Not allowed.' };
    expect(checkConfig(base, { egress: refusing })).toEqual([
      { severity: 'error', pointer: '/host', message: 'Not allowed.' },
    ]);
  });
});
