import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findProgram } from './find-program.js';
import type { Servers, Started } from './servers.js';

/** A Redis of our own, in a new folder, reached over a Unix socket alone, durable at each write. Undefined: it is not installed. */
export async function startRedis(folder: string): Promise<Started<NonNullable<Servers['redis']>> | undefined> {
  const program = findProgram('redis-server');
  if (program === undefined) return undefined;
  const home = join(folder, 'redis');
  mkdirSync(home, { recursive: true });
  const socket = join(home, 'socket');
  const settings = { port: '0', unixsocket: socket, dir: home, save: '', appendonly: 'yes', appendfsync: 'always' };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn(program, options, { cwd: home, stdio: 'ignore' });
  const client = new Redis({ path: socket, maxRetriesPerRequest: null, retryStrategy: () => 100 });
  // Until it listens, each attempt to connect is an error that is expected.
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
  return {
    server: { socket },
    stop: () =>
      new Promise((resolve) => {
        server.once('exit', () => resolve());
        server.kill('SIGTERM');
      }),
  };
}
