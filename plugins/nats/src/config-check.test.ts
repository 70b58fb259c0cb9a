import { sampleEnvironment } from '@aftercommit/testkit';
import { createUser } from '@nats-io/nkeys';
import { describe, expect, test } from 'vitest';
import { receiverCertificate as stranger } from '../../../tests/servers/certificates.js';
import { selfSigned } from '../../../tests/servers/self-signed.js';
import { decentralizedAuth } from '../test/decentralized-auth.js';
import { checkConfig } from './config-check.js';
import type { NatsConfig } from './nats-config.js';

const { egress } = sampleEnvironment();
const pointers = (given: Partial<NatsConfig>) =>
  checkConfig({ servers: ['nats://a'], subject: 'orders', ...given }, { egress }).map(({ pointer }) => pointer);

describe('a configuration', () => {
  test.each(['nats://nats.example.com', 'nats://127.0.0.1:80', 'tls://[::1]:4333/'])(
    'may name the server %s',
    (server) => {
      expect(pointers({ servers: [server] })).toEqual([]);
    },
  );

  test.each([
    'nats.example.com:4222',
    'localhost:4222',
    'http://nats.example.com',
    'ws://nats.example.com',
    'nats://user:pw@a',
    'nats://token@a',
    'nats://a/path',
    'nats://a?tls=false',
    'nats://{{host}}',
    'nats://',
    'nats://a,b',
  ])('may not name the server %s', (server) => {
    expect(pointers({ servers: ['nats://a', server] })).toEqual(['/servers/1']);
  });

  test.each(['orders', 'orders.committed', 'orders.Zoë', '$KV.state.orders', 'a-b_c.1'])(
    'may publish to %s',
    (subject) => {
      expect(pointers({ subject })).toEqual([]);
    },
  );

  test.each([
    '',
    '.a',
    'a.',
    'a..b',
    'a b',
    'a\tb',
    'a\r\nPUB b',
    'orders.*',
    'orders.>',
    '$JS.API.X',
    '$SYS',
    '_INBOX.a',
    '{{run_id}}',
  ])('may not publish to %j', (subject) => {
    expect(pointers({ subject })).toEqual(['/subject']);
  });

  test('may expect a stream, and answers elsewhere, whose names are legal', () => {
    expect(pointers({ stream: 'ORDERS-1', inboxPrefix: '_INBOX_app' })).toEqual([]);
    for (const stream of ['', 'a.b', 'a b', 'a*', 'a/b']) expect(pointers({ stream }), stream).toEqual(['/stream']);
    for (const inboxPrefix of ['', 'a.', 'a b', 'a.>']) expect(pointers({ inboxPrefix })).toEqual(['/inboxPrefix']);
  });

  test('may have headers that are legal and nobody else sets', () => {
    expect(pointers({ headers: { Team: 'Zoë', 'content-type': 'text/plain' } })).toEqual([]);
    expect(pointers({ headers: { 'Nats-Rollup': 'all' } })).toEqual(['/headers/Nats-Rollup']);
    expect(pointers({ headers: { traceparent: 'x' } })).toEqual(['/headers/traceparent']);
    expect(pointers({ headers: { 'Aftercommit-Test': 'x' } })).toEqual(['/headers/Aftercommit-Test']);
    expect(pointers({ headers: { 'Aftercommit-Epoch': '1' } })).toEqual(['/headers/Aftercommit-Epoch']);
    expect(pointers({ headers: { Team: 'a\r\nNats-Msg-Id: b' } })).toEqual(['/headers/Team']);
    expect(pointers({ headers: { 'Team: s3cret': '' } })).toEqual(['/headers']);
  });

  test('has one way to connect, whose parts can be read', () => {
    const nkeySeed = Buffer.from(createUser().getSeed()).toString();
    const { creds } = decentralizedAuth();
    for (const given of [{ nkeySeed }, { creds }, { token: 't' }, { user: 'u', password: 'p' }, { user: 'u' }]) {
      expect(pointers(given)).toEqual([]);
    }
    expect(pointers({ token: 't', nkeySeed })).toEqual(['']);
    expect(pointers({ password: 'p' })).toEqual(['/user']);
    expect(pointers({ creds: '/etc/nats/app.creds' })).toEqual(['/creds']);
    expect(pointers({ nkeySeed: nkeySeed.slice(1) })).toEqual(['/nkeySeed']);
  });

  test('has certificates that can be read, for servers that speak TLS', () => {
    const { cert, key } = selfSigned;
    const servers = ['tls://a'];
    expect(pointers({ servers, tls: { ca: cert, certificate: cert, key } })).toEqual([]);
    expect(pointers({ servers, tls: { ca: '/etc/ca.pem' } })).toEqual(['/tls/ca']);
    expect(pointers({ servers, tls: { certificate: key, key: 's3cret' } })).toEqual(['/tls/certificate', '/tls/key']);
    expect(pointers({ servers, tls: { key } })).toEqual(['/tls/certificate']);
    expect(pointers({ servers, tls: { certificate: cert, key: stranger.key } })).toEqual(['/tls/key']);
    // Only tls.key is secret.
    expect(pointers({ servers, tls: { ca: cert + key, certificate: key + cert, key } })).toEqual([
      '/tls/ca',
      '/tls/certificate',
    ]);
    expect(pointers({ servers: ['tls://a', 'nats://b'], tls: { ca: cert } })).toEqual(['/servers/1']);
  });

  test('is found wrong without quoting a server or a secret', () => {
    const given = {
      ...{ servers: ['nats://s3cret@a', 's3cret://b'], subject: 'a b', headers: { 's3-cret: s3cret': 's3cret\n' } },
      ...{ token: 's3cret', nkeySeed: 's3cret', creds: 's3cret', tls: { ca: 's3cret', key: 's3cret' } },
    };
    const issues = checkConfig(given, { egress });
    expect(issues.length).toBeGreaterThan(7);
    expect(JSON.stringify(issues)).not.toContain('s3cret');
  });

  test('is asked of the operator for each server', () => {
    const refusing = { ...egress, refusal: (host: string) => (host === '::1' ? 'Not allowed.' : undefined) };
    const servers = ['nats://a', 'nats://[::1]:4222'];
    expect(checkConfig({ servers, subject: 'a' }, { egress: refusing })).toEqual([
      { severity: 'error', pointer: '/servers/1', message: 'Not allowed.' },
    ]);
  });
});
