import type { Socket } from 'node:net';
import type { ClientConfig } from 'pg';
import { isThisMachine, parseAddress } from './address.js';
import type { PostgresConfig } from './postgres-config.js';

/** How long connecting may take, in milliseconds. */
const connectTimeoutMs = 15_000;

/**
 * How long one statement may take, in milliseconds, before the connection is given up: longer than a lock is waited for. No
 * cancellation is sent, which could end a wait for a standby that is then reported as a success.
 */
const queryTimeoutMs = 90_000;

/** The same for a statement that writes a whole table anew. */
export const rewriteTimeoutMs = 6 * 3_600_000;

/** How long a connection may be silent, in milliseconds, before the system asks whether the other side is there. */
const keepAliveMs = 10_000;

/**
 * What the driver is told. Everything that it would take from the environment (`PGHOST`, `PGPASSWORD`, `PGSSLMODE`, a password
 * file …) is said: a spec means the same wherever it is run.
 */
export function clientConfig(config: PostgresConfig, socket: Socket): ClientConfig {
  const { host, port } = parseAddress(config.address);
  return {
    host,
    port,
    database: config.database,
    user: config.user,
    // A function, because the driver would look for another one where this is undefined.
    password: () => config.password ?? '',
    ssl: tlsOptions(config),
    sslnegotiation: 'postgres',
    client_encoding: 'UTF8',
    application_name: 'aftercommit',
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    stream: () => socket,
  };
}

/** False: in plain text, which was asked for, or does not leave this machine. Whatever is encrypted is verified. */
function tlsOptions({ address, tls }: PostgresConfig): ClientConfig['ssl'] {
  const { mode, ca, certificate, key } = tls ?? {};
  if (mode === 'off') return false;
  if (tls === undefined && isThisMachine(parseAddress(address))) return false;
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
  };
}
