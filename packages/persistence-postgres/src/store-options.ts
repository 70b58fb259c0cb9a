import { setTimeout } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import type { ConnectPatience } from './connect.js';
import { type Host, hostsOf } from './hosts.js';
import { assertSchemaName, defaultSchema } from './schema-name.js';

/** Where the store is and how it waits. Durations are in milliseconds. */
export type PostgresStoreOptions = {
  /**
   * `postgres://user:password@host:5432/database`. Several hosts, separated by commas, are tried in their order, and the first
   * that takes writes is taken: so a failover is followed. Default: what `client` says.
   */
  url?: string;
  /**
   * What else `pg` takes: TLS, a function for the password. What the URL can say, and leaves out, is not taken from here.
   * Default: none; where there is no URL either, `pg` reads the environment variables of PostgreSQL, `PGHOST` and so on.
   */
  client?: ClientConfig;
  /** The schema of the store's tables; made when there is none. Default: `aftercommit`. */
  schema?: string;
  /** How many connections there are at most, at least 2. Default: 4. */
  maxConnections?: number;
  /** How long connecting to one host may take. Default: 5000. */
  connectTimeoutMs?: number;
  /** How long a call waits for somebody else's transaction before it fails with `STORE_LOCKED`. Default: 5000. */
  lockTimeoutMs?: number;
  /**
   * How long a reply may take, more than `lockTimeoutMs`. Then the connection is destroyed, and a write has no known outcome.
   * The server is not asked to cancel anything. Default: 30000.
   */
  replyTimeoutMs?: number;
  /** The wall clock in milliseconds since 1970, for epochs. Default: the server's. */
  now?: () => number;
  /**
   * Resolves after so many milliseconds, or at once when the signal aborts. It is slept a second between two looks for
   * messages, while sessions wait for some. Default: a timer that keeps no process alive.
   */
  sleep?: (durationMs: number, signal: AbortSignal) => Promise<void>;
  /** Told what the server's settings put at risk. Default: nobody is. */
  warn?: (message: string) => void;
};

/** Options as a store works with them. */
export type StoreSettings = {
  readonly hosts: readonly Host[];
  /** What the store is called in messages. */
  readonly where: string;
  readonly schema: string;
  readonly patience: ConnectPatience;
  readonly maxConnections: number;
  /** Undefined: the server's clock counts. */
  readonly now: (() => number) | undefined;
  readonly sleep: NonNullable<PostgresStoreOptions['sleep']>;
  readonly warn: (message: string) => void;
};

/** Throws a `TypeError` for options that make no sense. It names no part of a URL. */
export function settingsOf(options: string | PostgresStoreOptions): StoreSettings {
  const given = typeof options === 'string' ? { url: options } : options;
  const { client = {}, schema = defaultSchema, maxConnections = 4, sleep = sleepAside, warn = ignore, now } = given;
  const { connectTimeoutMs = 5_000, lockTimeoutMs = 5_000, replyTimeoutMs = 30_000 } = given;
  assertSchemaName(schema);
  if (!(maxConnections >= 2)) throw new TypeError(`maxConnections is ${maxConnections}, and must be at least 2`);
  if (!(replyTimeoutMs > lockTimeoutMs)) {
    throw new TypeError(`replyTimeoutMs is ${replyTimeoutMs}, and must be more than lockTimeoutMs, ${lockTimeoutMs}`);
  }
  const hosts = hostsIn(given.url ?? client.connectionString, client);
  const where = `PostgreSQL at ${hosts.map(({ name }) => name).join(', ')} (schema ${schema})`;
  const patience = { connectTimeoutMs, lockTimeoutMs, replyTimeoutMs };
  return { hosts, where, schema, patience, maxConnections, now, sleep, warn };
}

function hostsIn(url: string | undefined, client: ClientConfig): Host[] {
  if (url === undefined) return [{ name: client.host ?? process.env['PGHOST'] ?? 'the default host', config: client }];
  return hostsOf(url).map(({ name, config }) => ({ name, config: { ...client, ...config } }));
}

function ignore(): void {
  // Nobody is told.
}

async function sleepAside(durationMs: number, signal: AbortSignal): Promise<void> {
  // It fails when the signal aborts, and for no other reason.
  await setTimeout(durationMs, undefined, { signal, ref: false }).catch(() => undefined);
}
