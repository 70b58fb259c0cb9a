import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Egress, EgressError } from '@aftercommit/registry';
import { sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { selfSigned } from '../../../tests/servers/self-signed.js';
import { run, setSetting, writeServerFile } from '../test/database.js';
import { attemptWith, open } from '../test/triggers.js';
import type { PostgresConfig } from './postgres-config.js';

const delivered = { outcome: 'delivered' };
const rejected = (reason: RegExp) => ({ outcome: 'rejected', reason: expect.stringMatching(reason) });
const retry = (reason: RegExp) => ({ outcome: 'retry', reason: expect.stringMatching(reason) });

/** Says that every name is this machine, and which names were asked for. */
function resolvingHere(): { egress: Egress; asked: string[] } {
  const asked: string[] = [];
  const lookup: Egress['lookup'] = (name, { all }, callback) => {
    asked.push(name);
    if (all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  };
  return { egress: { refusal: () => undefined, lookup }, asked };
}

/** A listener that does with each connection what it is told, and counts them. */
async function listening(serve: (socket: Socket) => void): Promise<{ port: number; connections: number }> {
  const told = { connections: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    told.connections += 1;
    sockets.add(socket.on('error', () => socket.destroy()));
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return Object.assign(told, { port: (server.address() as AddressInfo).port });
}

describe.skipIf(missingPostgres !== undefined)('a connection to PostgreSQL', () => {
  let server: PostgresServer;
  const trusting = { ca: selfSigned.cert };
  const config = (given: Partial<PostgresConfig> = {}): PostgresConfig => ({
    ...{
      host: '127.0.0.1',
      port: server.port,
      database: 'postgres',
      user: 'app',
      password: 's3cret',
      table: 'deliveries',
    },
    ...{ tls: trusting, ...given },
  });

  beforeAll(async () => {
    server = await startPostgres();
    await run(
      server.url,
      `CREATE TABLE deliveries (
         idempotency_key text PRIMARY KEY, payload json,
         application text DEFAULT current_setting('application_name'), path text DEFAULT current_setting('search_path')
       );
       CREATE ROLE app LOGIN PASSWORD 's3cret'; GRANT INSERT, SELECT ON deliveries TO app;
       CREATE ROLE client LOGIN; GRANT INSERT, SELECT ON deliveries TO client;
       CREATE ROLE localhost LOGIN; GRANT INSERT, SELECT ON deliveries TO localhost;`,
    );
    const rules = ['host all postgres all trust', 'hostssl all localhost all cert', 'host all all all scram-sha-256'];
    await writeServerFile(server.url, 'server.crt', selfSigned.cert);
    await writeServerFile(server.url, 'server.key', selfSigned.key);
    await writeServerFile(server.url, 'pg_hba.conf', rules.join('\n'));
    await setSetting(server.url, 'ssl_ca_file', 'server.crt');
    await setSetting(server.url, 'ssl', 'on');
  });
  afterAll(() => server.stop());

  test('is protected, and authenticated with a password', async () => {
    expect(await attemptWith(config())).toEqual(delivered);
    expect(await attemptWith(config({ password: 'wrong' }))).toEqual(
      rejected(/password authentication failed for user "app" \(28P01\). Check user and password/),
    );
    const { password: _absent, ...without } = config();
    expect(await attemptWith(without)).toEqual(rejected(/asks for a password, and none is configured$/));
    expect(await attemptWith(config({ database: 'nowhere' }))).toEqual(rejected(/\(3D000\). Create the database/));
  });

  test('is authenticated with a certificate of ours', async () => {
    const { cert: certificate, key } = selfSigned;
    const tls = { ...trusting, certificate, key };
    expect(await attemptWith(config({ user: 'localhost', tls }), { idempotencyKey: 'certified' })).toEqual(delivered);
    expect(await attemptWith(config({ user: 'localhost' }))).toEqual(rejected(/\(28000\)/));
  });

  test('verifies the server, also where the environment says otherwise', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    vi.stubEnv('PGSSLMODE', 'no-verify');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { tls: _none, ...strict } = config();
    expect(await attemptWith(strict)).toEqual(retry(/is self-signed: give it as tls.ca$/));
    const { egress, asked } = resolvingHere();
    expect(await attemptWith(config({ host: 'localhost' }), {}, { egress })).toEqual(delivered);
    expect(await attemptWith(config({ host: 'db.example.com' }), {}, { egress })).toEqual(
      retry(/^the TLS certificate of postgres:\/\/db.example.com:\d+ is for another name$/),
    );
    expect(asked).toEqual(['localhost', 'db.example.com']);
  });

  test('is not made without TLS where TLS is configured', async () => {
    const server = await listening((socket) => void socket.once('data', () => socket.write('N')));
    expect(await attemptWith(config({ port: server.port }))).toEqual(
      rejected(/does not offer TLS. .*tls.mode to disable/),
    );
  });

  test('means the same whatever the environment says', async () => {
    const closed = await listening((socket) => socket.destroy());
    const { port } = closed;
    for (const [name, value] of Object.entries({
      ...{ PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'postgres', PGPASSWORD: 's3cret', PGDATABASE: 'nowhere' },
      ...{ PGOPTIONS: '-c search_path=elsewhere', PGAPPNAME: 'other', PGREPLICATION: 'database', PGBINARY: '1' },
      ...{ PGSSLMODE: 'disable', PGSSLNEGOTIATION: 'direct', PGCLIENT_ENCODING: 'LATIN1', PGPASSFILE: '/nowhere' },
    })) {
      vi.stubEnv(name, value);
    }
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await attemptWith(config(), { idempotencyKey: 'environment' })).toEqual(delivered);
    const { password: _absent, ...without } = config();
    expect(await attemptWith(without)).toEqual(rejected(/none is configured$/));
    vi.unstubAllEnvs();
    const [row] = await run(
      server.url,
      "SELECT application, path FROM deliveries WHERE idempotency_key = 'environment'",
    );
    expect(row).toEqual({ application: 'aftercommit', path: '"$user", public' });
    expect(closed.connections).toBe(0);
  });

  test('whose commit got no answer is made again, and there is one row', async () => {
    const losses = { left: 1 };
    const { port } = await listening((socket) => {
      const onward = connect(server.port, '127.0.0.1');
      socket.pipe(onward);
      onward.on('data', (chunk: Buffer) => {
        if (chunk.includes('COMMIT') && losses.left-- > 0) socket.destroy();
        else socket.write(chunk);
      });
      onward.on('error', () => socket.destroy());
      socket.on('close', () => onward.destroy());
    });
    const trigger = await open(config({ user: 'postgres', port, tls: { mode: 'disable' } }));
    const attempt = sampleAttempt({ idempotencyKey: 'unanswered' });
    const count = async () =>
      (await run(server.url, "SELECT FROM deliveries WHERE idempotency_key = 'unanswered'")).length;
    expect(await trigger.attempt(attempt)).toEqual(retry(/^connection closed by/));
    expect(await count()).toBe(1);
    expect(await trigger.attempt(attempt)).toEqual(delivered);
    expect(await count()).toBe(1);
  });

  test.each([
    ['nothing', { mode: 'disable' } as const, ''],
    ['nothing', trusting, ''],
    ['nothing more in the middle of TLS', trusting, 'S'],
  ])('to somebody who says %s is over when the attempt is', async (_title, tls, said) => {
    const told = { heard: 0, ended: 0 };
    const { port } = await listening((socket) => {
      socket.on('data', () => {
        told.heard += 1;
        if (told.heard === 1) socket.write(said);
      });
      socket.once('close', () => {
        told.ended += 1;
      });
    });
    const controller = new AbortController();
    const attempting = attemptWith(config({ port, tls }), { signal: controller.signal });
    await vi.waitUntil(() => told.heard === (said === '' ? 1 : 2), { interval: 1 });
    controller.abort();
    expect((await attempting).outcome).toBe('retry');
    await vi.waitUntil(() => told.ended === 1, { interval: 1 });
  });

  test('to somebody who does not speak as PostgreSQL does may be made later', async () => {
    const { port } = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await attemptWith(config({ port }))).outcome).toBe('retry');
  });

  test('is made only where the operator allows it', async () => {
    const forbidden = await listening((socket) => socket.destroy());
    const { port } = forbidden;
    const egress = { ...sampleEnvironment().egress, refusal: (host: string) => `${host} is not allowed.` };
    expect(await attemptWith(config({ port }), {}, { egress })).toEqual(rejected(/^127.0.0.1 is not allowed.$/));
    const refusing: Egress = {
      refusal: () => undefined,
      lookup: (_name, _options, callback) => callback(new EgressError('It has a private address.'), '', 4),
    };
    const named = config({ port, host: 'db.example.com' });
    expect(await attemptWith(named, {}, { egress: refusing })).toEqual(rejected(/^It has a private address.$/));
    expect(forbidden.connections).toBe(0);
  });
});
