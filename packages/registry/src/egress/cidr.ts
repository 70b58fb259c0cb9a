import { addressBits, addressOf, type IpAddress, parseAddress } from './ip-address.js';

/** All addresses that begin with the same bits. */
export type Cidr = {
  family: 4 | 6;
  /** The first address. */
  first: IpAddress;
  /** How many bits are the same. */
  prefix: number;
};

/** Reads `10.0.0.0/8`, or a single address. A text instead: why it is neither, as the end of a sentence. */
export function parseCidr(text: string): Cidr | string {
  const [written = '', length, ...more] = text.split('/');
  if (written.includes('%')) return 'has a zone. Leave it away: an address counts whatever its zone';
  const first = parseAddress(written);
  if (first === undefined || more.length > 0) return 'is not an address, or an address and a prefix length';
  const { family } = first;
  const bits = addressBits[family];
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8.
  const mapped = written.includes(':') && family === 4 ? addressBits[6] - bits : 0;
  const prefix = length === undefined ? bits : Number(length) - mapped;
  if (!/^(?:0|[1-9]\d*)$/.test(length ?? '0') || prefix < 0 || prefix > bits) {
    return `needs a prefix length of ${mapped} to ${mapped + bits} after the "/"`;
  }
  const beyond = BigInt(bits - prefix);
  const network = addressOf(family, (first.value >> beyond) << beyond);
  if (network.value === first.value) return { family, first, prefix };
  // It can be meant as one address or as millions.
  return `has bits set beyond its prefix. Write ${network.text}/${prefix}, or ${first.text} for the one address`;
}

/** A CIDR that the source code itself says. */
export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (typeof parsed === 'string') throw new TypeError(`${text} ${parsed}`);
  return parsed;
}

export function containsAddress({ family, first, prefix }: Cidr, address: IpAddress): boolean {
  const beyond = BigInt(addressBits[family] - prefix);
  return family === address.family && address.value >> beyond === first.value >> beyond;
}

/** Whether all of the one is in the other. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return inner.prefix >= outer.prefix && containsAddress(outer, inner.first);
}
