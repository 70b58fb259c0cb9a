import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { asOrdinaryUser, freePort, missingServer, spawnServer } from './debian-server.js';

const run = promisify(execFile);
const installed = '/usr/lib/postgresql';

/** Where Debian installs the programs of the newest version. Undefined: nowhere. */
const programs = existsSync(installed)
  ? readdirSync(installed)
      .sort((one, other) => Number(other) - Number(one))
      .map((version) => join(installed, version, 'bin'))[0]
  : undefined;

/** Why no PostgreSQL can be started here. Undefined: one can. */
export const missingPostgres = missingServer(programs && join(programs, 'postgres'), 'postgresql');

/** A PostgreSQL on a private port, in a data directory of its own. Its superuser is `postgres`, without a password. */
export type PostgresServer = {
  readonly port: number;
  /** Of the database `postgres`. */
  readonly url: string;
  /** Makes an empty database, and returns its URL. */
  createDatabase(name: string): Promise<string>;
  /** Ends every process of it at once, as a power cut would end them. The data stays. */
  kill(): Promise<void>;
  /** Starts it again, after `kill`. */
  start(): Promise<void>;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
};

/**
 * Starts one. Waits for nothing but that it answers.
 *
 * @param settings Of `postgresql.conf`. Default: those of a server whose data nobody needs, but for `fsync`, which is on.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  if (programs === undefined) throw new Error('There is no PostgreSQL here');
  const directory = mkdtempSync(join(tmpdir(), 'aftercommit-postgres-'));
  chmodSync(directory, 0o777);
  const data = join(directory, 'data');
  await run(
    ...asOrdinaryUser(join(programs, 'initdb'), [
      ...['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
    ]),
    { env: { PATH: process.env['PATH'], HOME: directory }, cwd: directory },
  );
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const given = Object.entries({ max_connections: '200', shared_buffers: '16MB', ...settings });
  const args = [
    ...['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', directory],
    ...given.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const launch = () => spawnServer(join(programs, 'postgres'), args, { PATH: process.env['PATH'], HOME: directory });
  let server = launch();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  await answers(url);
  return {
    port,
    url,
    async createDatabase(name) {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        await client.query(`CREATE DATABASE "${name}"`);
      } finally {
        await client.end();
      }
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    kill: () => end('SIGKILL'),
    async start() {
      server = launch();
      await answers(url);
    },
    async stop() {
      // Immediate: nobody needs the data.
      await end('SIGQUIT');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (tries === 300) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
