import { createUser } from '@nats-io/nkeys';
import { credsAuthenticator } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { missingNats, type NatsServer, startNats } from '../../../tests/servers/nats-server.js';
import { NatsStreams } from '../../../tests/servers/nats-streams.js';
import { selfSigned } from '../../../tests/servers/self-signed.js';
import { decentralizedAuth } from '../test/decentralized-auth.js';
import { attemptWith, resolvingTo } from '../test/triggers.js';
import type { NatsConfig } from './nats-config.js';

const subject = 'orders.committed';
const orders = { name: 'orders', subjects: ['orders.>'] };
const delivered = { outcome: 'delivered' };
const rejected = (reason: RegExp) => ({ outcome: 'rejected', reason: expect.stringMatching(reason) });
const retry = (reason: RegExp) => ({ outcome: 'retry', reason: expect.stringMatching(reason) });

describe.skipIf(missingNats !== undefined)('a server that knows its users', () => {
  let server: NatsServer;
  const pair = createUser();
  const nkeySeed = Buffer.from(pair.getSeed()).toString();
  const strangersSeed = Buffer.from(createUser().getSeed()).toString();

  beforeAll(async () => {
    const allowed = 'publish: { allow: ["orders.>"] }, subscribe: { allow: ["_INBOX_own.>"] }';
    const users = [
      '{ user: admin, password: admin }',
      `{ user: own, password: pw, permissions: { ${allowed} } }`,
      `{ nkey: ${pair.getPublicKey()} }`,
    ];
    server = await startNats(`authorization { users: [ ${users.join(', ')} ] }`);
    await new NatsStreams({ servers: server.url, user: 'admin', pass: 'admin' }).create(orders);
  });
  afterAll(() => server.stop());

  test.each<[string, Partial<NatsConfig>, object]>([
    ['takes messages of a user', { user: 'admin', password: 'admin' }, delivered],
    ['takes messages of an NKey', { nkeySeed }, delivered],
    ['lets a user answer elsewhere', { user: 'own', password: 'pw', inboxPrefix: '_INBOX_own' }, delivered],
    ['lets in nobody who says nothing', {}, rejected(/Authorization Violation. Check the credentials$/)],
    ['lets in nobody with a wrong password', { user: 'admin', password: 'wrong' }, rejected(/Check the credentials$/)],
    ['lets in nobody with a token instead', { token: 'admin' }, rejected(/Check the credentials$/)],
    ['lets in no NKey that it does not know', { nkeySeed: strangersSeed }, rejected(/Check the credentials$/)],
    [
      'lets nobody subscribe who may not',
      { user: 'own', password: 'pw' },
      rejected(/Permissions Violation for Subscription .*set inboxPrefix$/),
    ],
    [
      'lets nobody publish who may not',
      { user: 'own', password: 'pw', inboxPrefix: '_INBOX_own', subject: 'invoices' },
      rejected(/Permissions Violation for Publish .*Let the user publish to the subject$/),
    ],
  ])('%s', async (_title, given, outcome) => {
    expect(await attemptWith({ servers: [server.url], subject, ...given })).toEqual(outcome);
  });
});

test.skipIf(missingNats !== undefined)('a server with a token takes messages of who has it', async () => {
  const server = await startNats('authorization { token: "t0ken" }');
  onTestFinished(() => server.stop());
  await new NatsStreams({ servers: server.url, token: 't0ken' }).create(orders);
  expect(await attemptWith({ servers: [server.url], subject, token: 't0ken' })).toEqual(delivered);
  expect(await attemptWith({ servers: [server.url], subject, token: 'wrong' })).toMatchObject({ outcome: 'rejected' });
});

test.skipIf(missingNats !== undefined)('a server with an operator takes messages of who has credentials', async () => {
  const { configuration, creds } = decentralizedAuth();
  const server = await startNats(configuration);
  onTestFinished(() => server.stop());
  const authenticator = credsAuthenticator(Buffer.from(`${creds}\n`));
  await new NatsStreams({ servers: server.url, authenticator }).create(orders);
  expect(await attemptWith({ servers: [server.url], subject, creds })).toEqual(delivered);
  const { creds: strangers } = decentralizedAuth();
  expect(await attemptWith({ servers: [server.url], subject, creds: strangers })).toEqual(rejected(/credentials$/));
});

describe.skipIf(missingNats !== undefined)('a server that speaks TLS', () => {
  let server: NatsServer;
  let url: string;
  const mutual = { ca: selfSigned.cert, certificate: selfSigned.cert, key: selfSigned.key };

  beforeAll(async () => {
    const files = { 'cert.pem': selfSigned.cert, 'key.pem': selfSigned.key };
    const [cert, key] = ['{{files}}/cert.pem', '{{files}}/key.pem'];
    server = await startNats(
      `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${cert}", verify: true }`,
      files,
    );
    url = server.url.replace('nats:', 'tls:');
    const tls = { ca: selfSigned.cert, cert: selfSigned.cert, key: selfSigned.key };
    await new NatsStreams({ servers: server.url, tls }).create(orders);
  });
  afterAll(() => server.stop());

  test('is trusted for its certificate authority, and trusts our certificate', async () => {
    expect(await attemptWith({ servers: [url], subject, tls: mutual })).toEqual(delivered);
  });

  test('is trusted under the configured name, whatever its address is', async () => {
    const { egress, asked } = resolvingTo('127.0.0.1');
    const named = (name: string) => url.replace('127.0.0.1', name);
    const attempt = (name: string) => attemptWith({ servers: [named(name)], subject, tls: mutual }, {}, { egress });
    expect(await attempt('localhost')).toEqual(delivered);
    expect(await attempt('nats.example.com')).toEqual(
      retry(/^the TLS certificate of tls:\/\/nats.example.com:\d+ is for another name$/),
    );
    expect(asked).toEqual(['localhost', 'nats.example.com']);
  });

  test('whose authority is unknown is told nothing, also where the environment turns verification off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await attemptWith({ servers: [url], subject })).toEqual(retry(/^the TLS certificate of .* is self-signed$/));
    // Where it is not asked for, the server asks for it.
    expect(await attemptWith({ servers: [server.url], subject })).toEqual(retry(/is self-signed$/));
  });

  test('and wants a certificate of ours takes no message without one', async () => {
    const outcome = await attemptWith({ servers: [url], subject, tls: { ca: selfSigned.cert } });
    expect(outcome.outcome).toBe('retry');
  });
});
