import { type IpAddress, parseAddress } from './ip-address.js';

/** What a connection is asked for: an address, or a name that is resolved to some. */
export type EgressHost = { address: IpAddress } | { name: string };

/** They end the host of a URL, or are left out of it: of a text with one of them, others may read another host. */
const notInHosts = /[\s\p{Cc}/\\?#@:[\]]/u;

/**
 * Reads a host as URLs do: names in lower case, in ASCII, without a dot at the end; and whatever a resolver takes for an
 * address (`0x7f.1`, `2130706433`, `127.1`) is that address, also in URLs of schemes whose hosts are not looked at (`nats:`).
 * Undefined: it is no host.
 */
export function readHost(text: string): EgressHost | undefined {
  const literal = parseAddress(text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text);
  if (literal !== undefined) return { address: literal };
  if (notInHosts.test(text) || !URL.canParse(`http://${text}`)) return undefined;
  const { hostname } = new URL(`http://${text}`);
  const address = parseAddress(hostname);
  if (address !== undefined) return { address };
  const name = hostname.replace(/\.$/, '');
  return name === '' ? undefined : { name };
}
