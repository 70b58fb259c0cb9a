import type { ClientConfig } from 'pg';

/** How one server is reached, as `pg` takes it; and its name in messages, which holds no password. */
export type Host = { readonly name: string; readonly config: ClientConfig };

/** Which servers a URL may ask for. A store writes, so of several it always takes the one that can be written. */
const writableOnes = new Set(['any', 'read-write', 'primary']);

/** A name, an address, or nothing, and a port. So a part of a password that is not encoded is never taken for one. */
const aHost = /^(?:\[[0-9a-f:.]+\]|[\w.%-]*)(?::\d+)?$/i;

/**
 * The servers of a connection URL: `postgres://user@one:5432,two:5433/database`. `pg` itself knows only one. Throws a
 * `TypeError` that names no part of the URL: any of it may be a password.
 */
export function hostsOf(url: string): Host[] {
  const parts = /^(?<scheme>postgres(?:ql)?:\/\/)(?<login>[^/?#]*@)?(?<hosts>[^@/?#]*)(?<rest>[/?#].*)?$/.exec(
    url,
  )?.groups;
  const hosts = parts?.['hosts']?.split(',') ?? [];
  if (parts === undefined || !hosts.every((host) => aHost.test(host))) {
    throw new TypeError(
      'This is no connection URL of PostgreSQL: write postgres://user:password@host:5432/database, and percent-encode ' +
        'what else stands in user and password',
    );
  }
  const { scheme = '', login = '', rest = '/' } = parts;
  assertWritable(rest);
  return hosts.map((host) => {
    const connectionString = `${scheme}${login}${host}${rest}`;
    return { name: host === '' ? 'the default host' : host, config: { connectionString } };
  });
}

function assertWritable(rest: string): void {
  const wanted = new URLSearchParams(rest.split('?')[1] ?? '').get('target_session_attrs');
  if (wanted === null || writableOnes.has(wanted)) return;
  throw new TypeError(
    `A store writes, and the connection URL asks for target_session_attrs=${wanted}: leave it out, or say read-write`,
  );
}
