import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findProgram } from './find-program.js';
import type { Servers, Started } from './servers.js';

type Postgres = NonNullable<Servers['postgres']>;

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
const ordinaryUser = 'postgres';

/**
 * A PostgreSQL of our own, in a new folder, reached over a Unix socket alone. Settings are its defaults (fsync and synchronous_commit
 * are on), with more memory for buffers. Undefined: it is not installed.
 */
export async function startPostgres(folder: string): Promise<Started<Postgres> | undefined> {
  const [initdb, postgres] = [findProgram('initdb'), findProgram('postgres')];
  if (initdb === undefined || postgres === undefined) return undefined;
  const home = join(folder, 'postgres');
  mkdirSync(home, { recursive: true });
  const isRoot = process.getuid?.() === 0;
  const before = isRoot ? ['setpriv', `--reuid=${ordinaryUser}`, `--regid=${ordinaryUser}`, '--clear-groups'] : [];
  if (isRoot) chownSync(home, idOf('-u'), idOf('-g'));
  const data = join(home, 'data');
  check([...before, initdb, '--no-sync', '--auth=trust', '--username=bench', '-D', data], home);
  const settings = { listen_addresses: '', unix_socket_directories: home, shared_buffers: '256MB' };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [program = postgres, ...rest] = [...before, postgres, '-D', data, ...options];
  const server = spawn(program, rest, { cwd: home, stdio: 'ignore' });
  const connection = { host: home, port: 5432, user: 'bench', database: 'postgres' };
  await ready(connection);
  return {
    server: connection,
    stop: () =>
      new Promise((resolve) => {
        server.once('exit', () => resolve());
        // It lets connections end that are just being closed.
        server.kill('SIGTERM');
      }),
  };
}

function idOf(which: '-u' | '-g'): number {
  const { stdout } = spawnSync('id', [which, ordinaryUser], { encoding: 'utf8' });
  return Number(stdout);
}

function check([program = '', ...rest]: string[], cwd: string): void {
  const { status, stderr } = spawnSync(program, rest, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
}

async function ready(connection: Postgres): Promise<void> {
  for (let left = 100; ; left -= 1) {
    const client = new pg.Client(connection);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await delay(100);
    }
  }
}
