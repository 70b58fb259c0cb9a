import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
  /** Stops every process of it where it is, as a machine does that hangs; `thaw` lets them go on. */
  freeze(): void;
  thaw(): void;
  /** Starts it again, after `kill`. */
  start(): Promise<void>;
  /**
   * Starts a standby that follows it: read only, until somebody runs `SELECT pg_promote()` there. It has none of the settings that
   * the primary was given.
   *
   * @param name What `synchronous_standby_names` calls it.
   */
  startStandby(name: string): Promise<PostgresServer>;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
};

/**
 * Starts one. Waits for nothing but that it answers.
 *
 * @param settings Of `postgresql.conf`. Default: those of a server whose data nobody needs, but for `fsync`, which is on.
 */
export function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
  return startOn(settings, 'initdb', options);
}

/** @param maker The program that makes the data directory, which is given as an option beside these. */
async function startOn(
  settings: Readonly<Record<string, string>>,
  maker: 'initdb' | 'pg_basebackup',
  options: readonly string[],
): Promise<PostgresServer> {
  if (programs === undefined) throw new Error('There is no PostgreSQL here');
  const directory = mkdtempSync(join(tmpdir(), 'aftercommit-postgres-'));
  chmodSync(directory, 0o777);
  const data = join(directory, 'data');
  const environment = { PATH: process.env['PATH'], HOME: directory };
  await run(...asOrdinaryUser(join(programs, maker), [...options, '-D', data]), {
    env: environment,
    cwd: directory,
  });
  const port = await freePort();
  const urlOf = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const given = Object.entries({ max_connections: '200', shared_buffers: '16MB', ...settings });
  const args = [
    ...['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', directory],
    ...given.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const launch = () => spawnServer(join(programs, 'postgres'), args, environment);
  let server = launch();
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of [server.pid, ...childrenOf(server.pid)]) signalIfAlive(pid, name);
  };
  const end = async (how: () => void): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    how();
    await ended;
  };
  await answers(urlOf('postgres'));
  return {
    port,
    url: urlOf('postgres'),
    async createDatabase(name) {
      const client = new Client({ connectionString: urlOf('postgres') });
      await client.connect();
      try {
        await client.query(`CREATE DATABASE "${name}"`);
      } finally {
        await client.end();
      }
      return urlOf(name);
    },
    kill: () => end(() => signal('SIGKILL')),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async start() {
      server = launch();
      await answers(urlOf('postgres'));
    },
    startStandby(name) {
      const primary = `host=127.0.0.1 port=${port} user=postgres application_name=${name}`;
      return startOn({}, 'pg_basebackup', ['-d', primary, '-R', '-X', 'stream', '-c', 'fast', '--no-sync']);
    },
    async stop() {
      // Immediate: nobody needs the data.
      await end(() => server.kill('SIGQUIT'));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Only those that live now: a session that begins meanwhile ends by itself when the first process is gone. */
function childrenOf(pid: number | undefined): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}

function signalIfAlive(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, name);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
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
