import { type Cidr, cidr } from './cidr.js';

/**
 * Who can be behind an address.
 *
 * - `public`: somebody on the internet, whom everybody reaches.
 * - `private`: the machine itself, or its network. The same for what is reserved, and may be anything tomorrow.
 * - `never`: what hands out credentials to whoever asks from the right machine. No delivery goes there by accident.
 */
export type AddressClass = 'public' | 'private' | 'never';

/** Addresses that are unlike their neighbours. */
export type SpecialRange = { range: Cidr; class: AddressClass; is: string };

function special(text: string, addressClass: AddressClass, is: string): SpecialRange {
  return { range: cidr(text), class: addressClass, is };
}

const linkLocal = 'a link-local address, where cloud metadata services answer';
const metadata = (cloud: string): string => `the metadata service of ${cloud}`;

/**
 * IANA's registries of special-purpose addresses, beside multicast, and what clouds have added by themselves. Of ranges
 * within each other the smallest counts.
 *
 * What the registries call globally reachable is public, but for what lies in `192.0.0.0/24` and `2001::/23`: there the
 * nearest device answers (PCP, TURN), which is the operator's, or nobody does (ORCHID).
 *
 * https://www.iana.org/assignments/iana-ipv4-special-registry
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export const specialRanges: readonly SpecialRange[] = [
  special('0.0.0.0/8', 'private', 'an address of this host or network'),
  special('10.0.0.0/8', 'private', 'a private address'),
  special('100.64.0.0/10', 'private', 'an address shared behind a carrier'),
  special('127.0.0.0/8', 'private', 'a loopback address'),
  special('169.254.0.0/16', 'never', linkLocal),
  special('172.16.0.0/12', 'private', 'a private address'),
  special('192.0.0.0/24', 'private', 'an address reserved for protocols'),
  special('192.0.2.0/24', 'private', 'an address for documentation'),
  special('192.88.99.0/24', 'private', 'an address of 6to4 relays'),
  special('192.168.0.0/16', 'private', 'a private address'),
  special('198.18.0.0/15', 'private', 'an address for benchmarks'),
  special('198.51.100.0/24', 'private', 'an address for documentation'),
  special('203.0.113.0/24', 'private', 'an address for documentation'),
  special('224.0.0.0/4', 'private', 'a multicast address'),
  special('240.0.0.0/4', 'private', 'a reserved address'),
  special('255.255.255.255/32', 'private', 'the broadcast address'),

  // Beyond what is allotted for the internet nothing is public, whatever it will be.
  special('::/0', 'private', 'a reserved address'),
  special('2000::/3', 'public', 'a public address'),
  special('::/96', 'private', 'an IPv4-compatible address'),
  special('::/128', 'private', 'the unspecified address'),
  special('::1/128', 'private', 'a loopback address'),
  special('::ffff:0:0:0/96', 'private', 'an IPv4-translated address'),
  // What it is depends on the address inside.
  special('64:ff9b::/96', 'public', 'a NAT64 address'),
  special('64:ff9b:1::/48', 'private', 'a local NAT64 address'),
  special('100::/64', 'private', 'an address that discards'),
  special('100:0:0:1::/64', 'private', 'a dummy address'),
  special('2001::/23', 'private', 'an address reserved for protocols'),
  special('2001::/32', 'private', 'a Teredo address'),
  special('2001:2::/48', 'private', 'an address for benchmarks'),
  special('2001:10::/28', 'private', 'an ORCHID'),
  special('2001:20::/28', 'private', 'an ORCHID'),
  special('2001:db8::/32', 'private', 'an address for documentation'),
  special('2002::/16', 'private', 'a 6to4 address'),
  special('3fff::/20', 'private', 'an address for documentation'),
  special('5f00::/16', 'private', 'a segment routing identifier'),
  special('fc00::/7', 'private', 'a private address'),
  special('fe80::/10', 'never', linkLocal),
  special('fec0::/10', 'private', 'a site-local address'),
  special('ff00::/8', 'private', 'a multicast address'),

  special('100.100.100.200/32', 'never', metadata('Alibaba Cloud')),
  special('168.63.129.16/32', 'never', metadata('Azure')),
  special('192.0.0.192/32', 'never', metadata('Oracle Cloud')),
  special('fd00:42::42/128', 'never', metadata('Scaleway')),
  special('fd00:a9fe:a9fe::1/128', 'never', metadata('Akamai (Linode)')),
  special('fd00:c1::a9fe:a9fe/128', 'never', metadata('Oracle Cloud')),
  // The instance metadata and the Pod Identity of EKS, and whatever joins them.
  special('fd00:ec2::/32', 'never', metadata('AWS')),
  special('fd20:ce::254/128', 'never', metadata('Google Cloud')),
];
