import { kindConformance, sampleEnvironment } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { WatchedTable } from '../test/watched-table.js';
import { postgres } from './postgres-kind.js';

const at = { host: '127.0.0.1', port: 0, user: 'postgres', password: 's3cret-pw', tls: { mode: 'disable' } };
const plain = { host: 'a', database: 'b', user: 'c', table: 'd' };
const invalidConfigs = [
  { config: { database: 'b', user: 'c', table: 'd' }, pointer: '/host' },
  { config: { ...plain, host: 'postgres://u:s3cret-pw@a/b' }, pointer: '/host' },
  { config: { ...plain, host: '/var/run/postgresql' }, pointer: '/host' },
  { config: { ...plain, channel: 'e' }, pointer: '' },
  { config: { host: 'a', database: 'b', user: 'c' }, pointer: '' },
  { config: { ...plain, table: 'a.b.c' }, pointer: '/table' },
  { config: { ...plain, tls: { mode: 'off' } }, pointer: '/tls/mode' },
  { config: { ...plain, tls: { certificate: 'x' } }, pointer: '/tls/key' },
];

describe.skipIf(missingPostgres !== undefined)('a PostgreSQL trigger', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
    at.port = server.port;
  });
  afterAll(() => server.stop());

  describe('with a table', () => {
    let table: WatchedTable;
    const config = { ...at, database: 'rows', table: 'public.deliveries' };

    beforeAll(async () => {
      table = await WatchedTable.create(await server.createDatabase('rows'));
      config.port = server.port;
    });
    afterAll(() => table.close());

    const cases = kindConformance({
      kind: postgres,
      config,
      secretValues: ['s3cret-pw'],
      invalidConfigs,
      receiver: {
        received: () => table.arrived(),
        accept: () => table.behave('accept'),
        refuse: () => table.behave('refuse'),
        reject: () => table.behave('reject'),
        hang: () => table.behave('hang'),
      },
    });
    for (const { title, run, skip } of cases) test.skipIf(skip !== undefined)(title, run);
  });

  describe('with a channel', () => {
    let listener: Client;
    const received: Array<{ payload: string }> = [];
    const config = { ...at, database: 'postgres', channel: 'Deliveries' };

    beforeAll(async () => {
      config.port = server.port;
      listener = new Client({ connectionString: server.url });
      await listener.connect();
      listener.on('notification', ({ payload = '' }) => void received.push({ payload }));
      await listener.query('LISTEN "Deliveries"');
    });
    afterAll(() => listener.end());

    const cases = kindConformance({
      kind: postgres,
      config,
      secretValues: ['s3cret-pw'],
      receiver: {
        async received() {
          // What was committed before this is read before its answer.
          await listener.query('SELECT 1');
          return [...received];
        },
        accept: () => undefined,
      },
    });
    // A notification is a text of less than 8,000 bytes, and nothing beside it.
    const impossible = [
      'delivers exactly the UTF-8 bytes',
      'passes on the same idempotency key',
      'keeps attempts apart',
    ];
    for (const { title, run, skip } of cases) {
      const isImpossible = impossible.some((beginning) => title.startsWith(beginning));
      test.skipIf(skip !== undefined || isImpossible)(title, run);
    }
  });
});

test('shows scheme, host and port of its target only', () => {
  const target = (host: string, port?: number) => postgres.describeTarget({ ...plain, host, ...(port && { port }) });
  expect(target('db.example.com')).toBe('postgres://db.example.com:5432');
  expect(target('::1', 5433)).toBe('postgres://[::1]:5433');
  expect(target('postgres://user:s3cret@db')).not.toContain('s3cret');
});

test('hides the password and the key, and nothing else', () => {
  const schema = JSON.parse(JSON.stringify(postgres.configSchema)).properties;
  const secret = Object.keys(schema).filter((name) => JSON.stringify(schema[name]).includes('"secret":true'));
  expect(secret).toEqual(['password', 'tls']);
  expect(schema.tls.properties.key.secret).toBe(true);
});

test('is not opened where everything goes through an HTTP proxy', async () => {
  const egress = { ...sampleEnvironment().egress, proxy: 'http://proxy.example.com:3128' };
  await expect(postgres.open(plain, sampleEnvironment({ egress }))).rejects.toThrow(/proxy/);
});
