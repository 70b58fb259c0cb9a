/** A server as it is configured. */
export type ServerAddress = {
  /** A name or a literal address, without the brackets of IPv6. */
  host: string;
  port: number;
  /** Whether it has to speak TLS. Otherwise it may ask for it. */
  isTls: boolean;
};

const defaultPort = 4222;
const example = 'Write nats://host:4222, or tls://host:4222 for TLS.';

/** What is wrong with a server, as a sentence that quotes nothing of it: a user and a password may stand in it. Undefined: nothing. */
export function serverProblem(server: string): string | undefined {
  if (server.includes('{{')) return `A server has "{{" in it, and is no template. ${example}`;
  if (!URL.canParse(server)) return `A server is no URL. ${example}`;
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(server);
  if (protocol !== 'nats:' && protocol !== 'tls:') {
    // `localhost:4222` parses, with a scheme `localhost`.
    return `A server begins with neither nats:// nor tls://. ${example}`;
  }
  if (username !== '' || password !== '') {
    return 'A server has a user, a password or a token in it, which would not be secret there. Use the fields user and password, or token.';
  }
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])$/i.test(hostname)) return `A server has no legal host. ${example}`;
  if (pathname.length > 1 || search !== '' || hash !== '') return `A server has more than host and port. ${example}`;
  return undefined;
}

/** Reads a server that `serverProblem` has nothing against. */
export function parseServer(server: string): ServerAddress {
  const { protocol, hostname, port } = new URL(server);
  return {
    // Only of the web's schemes are hosts made lower-case.
    host: hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase(),
    port: port === '' ? defaultPort : Number(port),
    isTls: protocol === 'tls:',
  };
}

/** Scheme, host and port: `nats://example.com:4222`. */
export function describeServer({ host, port, isTls }: ServerAddress): string {
  return `${isTls ? 'tls' : 'nats'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** All that may be shown of the configured servers, whatever they are. */
export function describeServers(servers: readonly string[]): string {
  const [first, ...others] = servers;
  if (first === undefined || serverProblem(first) !== undefined) return 'a server that cannot be read';
  const described = describeServer(parseServer(first));
  return others.length === 0 ? described : `${described} and ${others.length} more`;
}
