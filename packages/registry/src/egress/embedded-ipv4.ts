import { type Cidr, cidr, containsAddress } from './cidr.js';
import { addressOf, type IpAddress } from './ip-address.js';

/** Where an IPv6 address of some range holds an IPv4 address. */
type Embedding = {
  within: Cidr;
  /** Which of its 16 bytes are those of the IPv4 address. */
  bytes: [number, number, number, number];
  /** Teredo writes the client's address with all bits inverted, so that no NAT on the way finds and changes it. */
  isInverted?: boolean;
};

const lastBytes: Embedding['bytes'] = [12, 13, 14, 15];
const localNat64 = cidr('64:ff9b:1::/48');

const embeddings: readonly Embedding[] = [
  { within: cidr('::/96'), bytes: lastBytes },
  { within: cidr('::ffff:0:0:0/96'), bytes: lastBytes },
  { within: cidr('64:ff9b::/96'), bytes: lastBytes },
  // Which prefix of this range a network uses is its own choice: /48, /56, /64 or /96. RFC 6052 leaves byte 8 out.
  { within: localNat64, bytes: [6, 7, 9, 10] },
  { within: localNat64, bytes: [7, 9, 10, 11] },
  { within: localNat64, bytes: [9, 10, 11, 12] },
  { within: localNat64, bytes: lastBytes },
  { within: cidr('2002::/16'), bytes: [2, 3, 4, 5] },
  { within: cidr('2001::/32'), bytes: [4, 5, 6, 7] },
  { within: cidr('2001::/32'), bytes: lastBytes, isInverted: true },
];

/**
 * The IPv4 addresses that packets to an IPv6 address may reach in the end. IPv4-mapped addresses are not among them: they are
 * IPv4 addresses already. A NAT64 prefix that a network has of its own looks like any other, and is not recognised.
 */
export function embeddedIpv4(address: IpAddress): IpAddress[] {
  if (address.family === 4) return [];
  const bytes = Buffer.from(address.value.toString(16).padStart(32, '0'), 'hex');
  const found = embeddings
    .filter(({ within }) => containsAddress(within, address))
    .map((embedding) => readIpv4(bytes, embedding));
  return isIsatap(bytes) ? [...found, readIpv4(bytes, { bytes: lastBytes })] : found;
}

function readIpv4(all: Buffer, { bytes, isInverted = false }: Omit<Embedding, 'within'>): IpAddress {
  const value = bytes.reduce((high, at) => (high << 8n) | BigInt(all[at] ?? 0), 0n);
  return addressOf(4, isInverted ? value ^ 0xffff_ffffn : value);
}

/** RFC 5214: any network's prefix, and then `0000:5efe` before the address. Two bits of the first byte are flags. */
function isIsatap(bytes: Buffer): boolean {
  return (bytes.readUInt32BE(8) & 0xfcff_ffff) === 0x5efe;
}
