import { TriggerKindRegistry, triggersSchema } from '@aftercommit/registry';
import { kindConformance, sampleEnvironment } from '@aftercommit/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingNats, type NatsServer, startNats } from '../../../tests/servers/nats-server.js';
import { type Listener, NatsStreams } from '../../../tests/servers/nats-streams.js';
import { nats } from './nats-kind.js';

describe.skipIf(missingNats !== undefined)('a NATS trigger', () => {
  let server: NatsServer;
  let streams: NatsStreams;
  let listener: Listener;
  const config = { servers: [''], subject: 'orders.committed', user: 'app', password: 's3cret-pw' };

  beforeAll(async () => {
    server = await startNats(
      'authorization { users: [ { user: admin, password: admin }, { user: app, password: "s3cret-pw" } ] }',
    );
    config.servers = [server.url];
    streams = new NatsStreams({ servers: server.url, user: 'admin', pass: 'admin' });
    listener = await streams.front('orders.committed', 'stored.orders');
    await stream({});
  });
  afterAll(async () => {
    await listener.stop();
    await server.stop();
  });

  const stream = (limits: object) => streams.create({ name: 'orders', subjects: ['stored.orders'], ...limits });
  const cases = kindConformance({
    kind: nats,
    config,
    secretValues: ['s3cret-pw'],
    invalidConfigs: [
      { config: { subject: 'a' }, pointer: '/servers' },
      { config: { servers: [], subject: 'a' }, pointer: '/servers' },
      { config: { servers: ['nats://a', 'http://b'], subject: 'a' }, pointer: '/servers/1' },
      { config: { servers: ['nats://u:s3cret-pw@b'], subject: 'a' }, pointer: '/servers/0' },
      { config: { servers: ['nats://a'], subject: 'orders.*' }, pointer: '/subject' },
      { config: { servers: ['nats://a'], subject: 'a', token: 't', user: 'u' }, pointer: '' },
      { config: { servers: ['tls://a'], subject: 'a', tls: { certificate: 'x' } }, pointer: '/tls/key' },
    ],
    receiver: {
      received: async () =>
        listener.received().map(({ payload, headers }) => ({
          payload,
          idempotencyKey: headers['Nats-Msg-Id'] ?? '',
        })),
      accept: () => stream({}),
      refuse: () => stream({ max_msgs: 0, max_bytes: 1, discard: 'new' }),
      reject: () => stream({ max_msg_size: 1 }),
      // Somebody listens, and nobody answers.
      hang: () => streams.delete('orders'),
    },
  });
  for (const { title, run, skip } of cases) test.skipIf(skip !== undefined)(title, run);

  test('shows scheme, host and port of its first server only', () => {
    const target = (...servers: string[]) => nats.describeTarget({ servers, subject: 'a' });
    expect(target('nats://Example.com')).toBe('nats://example.com:4222');
    expect(target('tls://[::1]:4333', 'tls://b', 'tls://c')).toBe('tls://[::1]:4333 and 2 more');
    expect(target('nats://user:s3cret@example.com')).not.toContain('s3cret');
    expect(target('s3cret')).not.toContain('s3cret');
  });

  test('lets templates see its headers', () => {
    const given = { servers: ['nats://a'], subject: 'a', headers: { Team: 'x' } };
    expect(nats.templateContext?.(given)).toEqual({ headers: { Team: 'x' } });
  });

  test('hides what it connects with, and the values of headers', () => {
    const schema = JSON.parse(JSON.stringify(nats.configSchema)).properties;
    const secret = Object.entries(schema).filter(([, field]) => JSON.stringify(field).includes('"secret":true'));
    expect(secret.map(([name]) => name)).toEqual(['headers', 'password', 'token', 'creds', 'nkeySeed', 'tls']);
    expect(schema.tls.properties.key.secret).toBe(true);
    expect(() => triggersSchema(new TriggerKindRegistry([nats]))).not.toThrow();
  });

  test('is not opened where everything goes through an HTTP proxy', async () => {
    const egress = { ...sampleEnvironment().egress, proxy: 'http://proxy.example.com:3128' };
    await expect(nats.open(config, sampleEnvironment({ egress }))).rejects.toThrow(/proxy/);
  });
});
