/** Where a server listens. */
export type Address = {
  /** A name, an IP address, or the folder of a socket, which begins with a slash. */
  readonly host: string;
  readonly port: number;
};

/** No user, no password and no path: an address is shown in messages. */
export const addressPattern = String.raw`^(/[^@]*|(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(:[0-9]{1,5})?)$`;

const defaultPort = 5432;

/** Reads what `addressPattern` lets through. Throws a `RangeError` for what it does not. */
export function parseAddress(address: string): Address {
  const [, , host, port] = new RegExp(addressPattern).exec(address) ?? [];
  if (address.startsWith('/')) return { host: address, port: defaultPort };
  if (host === undefined)
    throw new RangeError('The address of a PostgreSQL server must be host, host:port or a folder.');
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: port === undefined ? defaultPort : Number(port.slice(1)),
  };
}

/** Whether what is sent there never leaves this machine. */
export function isThisMachine({ host }: Address): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
