import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { missingNats, type NatsServer, startNats } from '../servers/nats-server.js';
import { NatsStreams } from '../servers/nats-streams.js';
import { missingPostgres, type PostgresServer, startPostgres } from '../servers/postgres-server.js';
import { installPackages } from './installed-packages.js';
import { root } from './own-packages.js';
import { type PageReceiver, startPageReceiver } from './page-receiver.js';

/** The servers that blocks ask for, by the variable that has their URL, and why there may be none here. */
export const missingServers = { DATABASE_URL: missingPostgres, NATS_URL: missingNats };
export type ServerVariable = keyof typeof missingServers;

/** What all pages share: what is installed, and the servers. */
export type Surroundings = {
  /** The folder of the project, in which each page has one of its own. */
  project: string;
  /** What `PATH` is for blocks. */
  path: string;
  receiver: PageReceiver;
  /** Undefined: nobody needs it, or it is not installed here. */
  postgres: PostgresServer | undefined;
  nats: NatsServer | undefined;
  /** Ends the servers and removes the project. */
  stop(): Promise<void>;
};

type Server = { stop(): Promise<void> };

/** Installs everything and starts the servers that are needed. When one thing fails, the rest is stopped. */
export async function makeSurroundings(needed: ReadonlySet<ServerVariable>): Promise<Surroundings> {
  const project = mkdtempSync(join(tmpdir(), 'aftercommit-pages-'));
  const servers: Server[] = [];
  const keep = async <One extends Server>(starting: Promise<One>): Promise<One> => {
    const server = await starting;
    servers.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(project, { recursive: true });
  };
  const isWanted = (name: ServerVariable) => needed.has(name) && missingServers[name] === undefined;
  const starting = [
    installPackages(project),
    keep(startPageReceiver()),
    isWanted('DATABASE_URL') ? keep(startPostgres()) : Promise.resolve(undefined),
    isWanted('NATS_URL') ? keep(startNatsWithOrders()) : Promise.resolve(undefined),
  ] as const;
  try {
    copyExamples(project);
    const [programs, receiver, postgres, nats] = await Promise.all(starting);
    return { project, path: pathWith(programs), receiver, postgres, nats, stop };
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}

/** Without what was made there: a reader has them as Git has. */
function copyExamples(project: string): void {
  const made = ['node_modules', 'dist', '.turbo', '.aftercommit'];
  cpSync(join(root, 'examples'), join(project, 'examples'), {
    recursive: true,
    filter: (source) => !made.includes(basename(source)) && !source.endsWith('.db'),
  });
}

/** That of whoever runs the tests, without what is installed in this repository. */
function pathWith(programs: string): string {
  const others = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return [programs, dirname(process.execPath), ...others].join(delimiter);
}

export async function startNatsWithOrders(): Promise<NatsServer> {
  const server = await startNats();
  try {
    await new NatsStreams({ servers: server.url }).create({ name: 'orders', subjects: ['orders.>'] });
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}
