import { isIP } from 'node:net';

/** An address as a number. */
export type IpAddress = {
  family: 4 | 6;
  value: bigint;
  /** As it is written canonically, without a zone. */
  text: string;
};

/** How many bits an address has. */
export const addressBits = { 4: 32, 6: 128 } as const;

/**
 * Reads a literal address in one of the forms that sockets take; undefined: it is none. A zone (`fe80::1%eth0`) says through
 * which interface, and not where to: it is left away. An IPv4-mapped address (`::ffff:10.0.0.1`) is the IPv4 address, because
 * a socket that is given it speaks IPv4.
 */
export function parseAddress(text: string): IpAddress | undefined {
  const family = isIP(text);
  if (family === 4) return addressOf(4, valueOfDigits(text.split('.').map((byte) => hex(Number(byte), 2))));
  if (family !== 6) return undefined;
  const [withoutZone = ''] = text.split('%', 1);
  const value = valueOfDigits(groupsOf(canonicalIpv6(withoutZone)));
  return value >> 32n === 0xffffn ? addressOf(4, value & 0xffff_ffffn) : addressOf(6, value);
}

/** The address that these bits are. */
export function addressOf(family: 4 | 6, value: bigint): IpAddress {
  const digits = hex(value, addressBits[family] / 4);
  if (family === 4) return { family, value, text: Buffer.from(digits, 'hex').join('.') };
  return { family, value, text: canonicalIpv6(digits.replace(/....(?!$)/g, '$&:')) };
}

/** As the host of a URL is written: eight groups of hex digits, or `::` in place of the longest run of zeros. */
function canonicalIpv6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function groupsOf(canonical: string): string[] {
  const [head = [], tail = []] = canonical.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => group.padStart(4, '0'));
}

function valueOfDigits(groups: readonly string[]): bigint {
  return BigInt(`0x${groups.join('')}`);
}

function hex(value: bigint | number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
