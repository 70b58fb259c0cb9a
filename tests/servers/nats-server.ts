import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, freezeProcess, missingServer, spawnServer } from './debian-server.js';

/** Where Debian installs it. */
const program = '/usr/sbin/nats-server';

/** Why no NATS server can be started here. Undefined: one can. */
export const missingNats = missingServer(program, 'nats-server');

/** A NATS server with JetStream on a private port, with a store of its own. */
export type NatsServer = {
  readonly port: number;
  /** Without credentials. */
  readonly url: string;
  /** Ends it at once. What JetStream stored stays. */
  kill(): Promise<void>;
  /** Starts it again, after `kill`. */
  start(): Promise<void>;
  /** Lets it stand still, as a machine that swaps, or a network that lets nothing through: connections stay. */
  freeze(): Promise<void>;
  /** Lets it go on, after `freeze`. */
  thaw(): void;
  /** Ends it, and removes what it stored. */
  stop(): Promise<void>;
};

/**
 * Starts one. Waits for nothing but that it answers.
 *
 * @param configuration What else its configuration file says.
 * @param files Files beside it, by their names: `{{files}}` in the configuration is where they are.
 */
export async function startNats(configuration = '', files: Readonly<Record<string, string>> = {}): Promise<NatsServer> {
  const directory = mkdtempSync(join(tmpdir(), 'aftercommit-nats-'));
  chmodSync(directory, 0o777);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  const port = await freePort();
  const jetstream = `jetstream: { store_dir: "${join(directory, 'store')}" }`;
  writeFileSync(
    join(directory, 'nats.conf'),
    [`listen: "127.0.0.1:${port}"`, jetstream, configuration.replaceAll('{{files}}', directory)].join('\n'),
  );
  const args = ['-c', join(directory, 'nats.conf'), '-l', join(directory, 'log')];
  let server = spawnServer(program, args);
  const end = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  await answers(port);
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    kill: end,
    async start() {
      server = spawnServer(program, args);
      await answers(port);
    },
    freeze: () => freezeProcess(server),
    thaw: () => void server.kill('SIGCONT'),
    async stop() {
      await end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A server that is ready begins to speak. */
async function answers(port: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'data');
      return;
    } catch (error) {
      if (tries === 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      socket.destroy();
    }
  }
}
