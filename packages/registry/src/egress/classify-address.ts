import { type Cidr, containsAddress, containsCidr } from './cidr.js';
import { embeddedIpv4 } from './embedded-ipv4.js';
import { addressBits, type IpAddress } from './ip-address.js';
import { type AddressClass, type SpecialRange, specialRanges } from './special-addresses.js';

/** What an address is: its class, and a noun phrase for people (`a loopback address`). */
export type AddressKind = { class: AddressClass; is: string };

const strictness: Record<AddressClass, number> = { public: 0, private: 1, never: 2 };
const smallestFirst = [...specialRanges].sort((one, other) => other.range.prefix - one.range.prefix);

/**
 * What kind of an address it is. One that holds another (NAT64, 6to4, Teredo and the like) is the stricter of both: a gateway
 * on the way takes out what is inside.
 */
export function classifyAddress(address: IpAddress): AddressKind {
  const own = ownKind(address);
  const inside = embeddedIpv4(address)
    .map((held) => ({ held, kind: ownKind(held) }))
    .reduce<{ held: IpAddress; kind: AddressKind } | undefined>(
      (strictest, next) => (strictest === undefined || isStricter(next.kind, strictest.kind) ? next : strictest),
      undefined,
    );
  if (inside === undefined || !isStricter(inside.kind, own)) return own;
  return { class: inside.kind.class, is: `${own.is} around ${inside.held.text}, ${inside.kind.is}` };
}

/** Whether every address of a range is `never`, because it lies in one such range or is one such address. */
export function isNeverRange(range: Cidr): boolean {
  if (specialRanges.some((special) => special.class === 'never' && containsCidr(special.range, range))) return true;
  return range.prefix === addressBits[range.family] && classifyAddress(range.first).class === 'never';
}

function ownKind(address: IpAddress): AddressKind {
  const special: SpecialRange | undefined = smallestFirst.find(({ range }) => containsAddress(range, address));
  return special === undefined ? { class: 'public', is: 'a public address' } : { class: special.class, is: special.is };
}

function isStricter(one: AddressKind, other: AddressKind): boolean {
  return strictness[one.class] > strictness[other.class];
}
