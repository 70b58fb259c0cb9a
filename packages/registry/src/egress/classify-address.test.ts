import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { describe, expect, it, test } from 'vitest';
import type { Cidr } from './cidr.js';
import { classifyAddress } from './classify-address.js';
import { addressBits, addressOf, type IpAddress, parseAddress } from './ip-address.js';
import { type AddressClass, specialRanges } from './special-addresses.js';

const vectors = JSON.parse(readFileSync(new URL('../../vectors/egress.json', import.meta.url), 'utf8')) as Record<
  AddressClass,
  string[]
>;

describe('the class of an address', () => {
  it.each(['never', 'private', 'public'] as const)('is %s for those of the vectors', (expected) => {
    expect(vectors[expected].length).toBeGreaterThan(0);
    expect(vectors[expected].filter((address) => classOf(address) !== expected)).toEqual([]);
  });

  test('changes where a range of the registries begins and ends', () => {
    // First and last address of each, by hand, and what lies next to it.
    const ranges: Array<[before: string, first: string, last: string, after: string]> = [
      ['9.255.255.255', '10.0.0.0', '10.255.255.255', '11.0.0.0'],
      ['100.63.255.255', '100.64.0.0', '100.127.255.255', '100.128.0.0'],
      ['126.255.255.255', '127.0.0.0', '127.255.255.255', '128.0.0.0'],
      ['172.15.255.255', '172.16.0.0', '172.31.255.255', '172.32.0.0'],
      ['191.255.255.255', '192.0.0.0', '192.0.0.255', '192.0.1.0'],
      ['192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0'],
      ['192.88.98.255', '192.88.99.0', '192.88.99.255', '192.88.100.0'],
      ['192.167.255.255', '192.168.0.0', '192.168.255.255', '192.169.0.0'],
      ['198.17.255.255', '198.18.0.0', '198.19.255.255', '198.20.0.0'],
      ['198.51.99.255', '198.51.100.0', '198.51.100.255', '198.51.101.0'],
      ['203.0.112.255', '203.0.113.0', '203.0.113.255', '203.0.114.0'],
      ['2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001::', '2001:1ff:ffff::', '2001:200::'],
      ['2001:db7:ffff::', '2001:db8::', '2001:db8:ffff:ffff::', '2001:db9::'],
      ['2001:ffff:ffff::', '2002::', '2002:ffff::', '2003::'],
      ['3ffe:ffff:ffff::', '3fff::', '3fff:fff:ffff::', '3fff:1000::'],
    ];
    for (const [before, first, last, after] of ranges) {
      expect([before, first, last, after].map(classOf), first).toEqual(['public', 'private', 'private', 'public']);
    }
    expect(['1.0.0.0', '223.255.255.255', '2000::'].map(classOf)).toEqual(['public', 'public', 'public']);
    expect(['0.255.255.255', '224.0.0.0', '255.255.255.254', '4000::', '1fff:ffff::'].map(classOf)).toEqual(
      Array.from({ length: 5 }, () => 'private'),
    );
  });

  test('is never at and around the ends of link-local ranges alone', () => {
    const ends = ['169.253.255.255', '169.254.0.0', '169.254.255.255', '169.255.0.0'];
    expect(ends.map(classOf)).toEqual(['public', 'never', 'never', 'public']);
    const v6 = ['fe7f:ffff::', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fec0::'];
    expect(v6.map(classOf)).toEqual(['private', 'never', 'never', 'private']);
  });

  it.each([
    ['100.100.100.200', '100.100.100.199', 'private'],
    ['168.63.129.16', '168.63.129.17', 'public'],
    ['192.0.0.192', '192.0.0.193', 'private'],
    ['fd20:ce::254', 'fd20:ce::255', 'private'],
    ['fd00:ec2::23', 'fd00:ec3::23', 'private'],
    ['fd00:42::42', 'fd00:42::43', 'private'],
    ['fd00:c1::a9fe:a9fe', 'fd00:c1::a9fe:a9ff', 'private'],
    ['fd00:a9fe:a9fe::1', 'fd00:a9fe:a9fe::2', 'private'],
  ] as const)('is never at the metadata service %s, and not at %s', (service, neighbour, expected) => {
    expect(classOf(service)).toBe('never');
    expect(classOf(neighbour)).toBe(expected);
  });

  test('is public where the registries say globally reachable, but not within the blocks of protocols', () => {
    const reachable = ['192.31.196.1', '192.52.193.1', '192.175.48.1', '2620:4f:8000::1'];
    expect(reachable.map(classOf)).toEqual(reachable.map(() => 'public'));
    const nearest = ['192.0.0.9', '192.0.0.10', '2001:1::1', '2001:1::2', '2001:3::1', '2001:4:112::1', '2001:20::1'];
    expect(nearest.map(classOf)).toEqual(nearest.map(() => 'private'));
  });

  test('is of one range where node:net finds the same range', () => {
    const random = seeded(1);
    const smallestFirst = [...specialRanges].sort((one, other) => other.range.prefix - one.range.prefix);
    const lists = smallestFirst.map((special) => ({ special, list: blockList(special.range) }));
    for (const { range } of specialRanges) {
      const bits = addressBits[range.family];
      const size = 1n << BigInt(bits - range.prefix);
      const near = [-1n, 0n, size - 1n, size].map((offset) => range.first.value + offset);
      const within = Array.from({ length: 20 }, () => range.first.value + random(size));
      for (const value of [...near, ...within].filter((one) => one >= 0n && one < 1n << BigInt(bits))) {
        const { text } = addressOf(range.family, value);
        const found = lists.find(
          ({ special, list }) => special.range.family === range.family && list.check(text, `ipv${range.family}`),
        );
        const { is } = classifyAddress(read(text));
        // What it holds may be told after it.
        expect(is.startsWith(found?.special.is ?? 'a public address'), `${text} is ${is}`).toBe(true);
      }
    }
  });
});

describe('an address that holds an IPv4 address', () => {
  const ipv4 = [...vectors.never, ...vectors.private, ...vectors.public].filter((text) => !text.includes(':'));
  const random = seeded(2);
  const samples = [
    ...ipv4.map((text) => read(text)),
    ...Array.from({ length: 500 }, () => addressOf(4, random(1n << 32n))),
  ];

  test('is what that is, when it is IPv4-mapped or a NAT64 address', () => {
    for (const { value, text } of samples) {
      expect(classOfBits((0xffffn << 32n) | value), text).toBe(classOf(text));
      expect(classOfBits((0x64ff9bn << 96n) | value), text).toBe(classOf(text));
    }
  });

  it.each<[string, (value: bigint) => bigint]>([
    ['IPv4-compatible', (value) => value],
    ['IPv4-translated', (value) => (0xffff0000n << 32n) | value],
    ['6to4', (value) => (0x2002n << 112n) | (value << 80n) | 1n],
    ['a Teredo client', (value) => (0x20010000n << 96n) | (0x08080808n << 64n) | (value ^ 0xffff_ffffn)],
    ['a Teredo server', (value) => (0x20010000n << 96n) | (value << 64n) | (0x08080808n ^ 0xffff_ffffn)],
    ['local NAT64 with /96', (value) => localNat64 | value],
    ['local NAT64 with /64', (value) => localNat64 | (value << 24n)],
    ['local NAT64 with /56', (value) => localNat64 | ((value >> 24n) << 64n) | ((value & 0xff_ffffn) << 32n)],
    ['local NAT64 with /48', (value) => localNat64 | ((value >> 16n) << 64n) | ((value & 0xffffn) << 40n)],
  ])('is never or private, and never public, when it is %s', (_, around) => {
    for (const { value, text } of samples) {
      const expected = classOf(text) === 'never' ? 'never' : 'private';
      expect(classOfBits(around(value)), text).toBe(expected);
    }
  });

  test('is the stricter of its network and what it holds, when it is an ISATAP address', () => {
    for (const flags of [0x0000n, 0x0100n, 0x0200n, 0x0300n]) {
      const identifier = (flags << 48n) | (0x5efen << 32n);
      for (const { value, text } of samples) {
        expect(classOfBits((0x2606470000000000n << 64n) | identifier | value), text).toBe(classOf(text));
        const inUla = classOf(text) === 'never' ? 'never' : 'private';
        expect(classOfBits((0xfd12345678900000n << 64n) | identifier | value), text).toBe(inUla);
      }
    }
  });

  test('says what it holds', () => {
    expect(classifyAddress(read('64:ff9b::a9fe:a9fe')).is).toBe(
      'a NAT64 address around 169.254.169.254, a link-local address, where cloud metadata services answer',
    );
  });
});

describe('a literal address', () => {
  it.each([
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:0102:0304', '1.2.3.4'],
    ['::1.2.3.4', '::102:304'],
    ['fe80::1%eth0', 'fe80::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::', '::'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['64:ff9b::192.168.0.1', '64:ff9b::c0a8:1'],
  ])('%s is read as %s', (text, expected) => {
    expect(parseAddress(text)?.text).toBe(expected);
  });

  it.each(['', '1.2.3', '01.2.3.4', '1.2.3.4.', '0x7f.1', '1::2::3', '[::1]', '1.2.3.4/32', ':::', 'example.com'])(
    'is not %j',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  test('is the same after it was written and read again', () => {
    const random = seeded(3);
    for (let count = 0; count < 2_000; count += 1) {
      // Runs of zeros of every length.
      const address = addressOf(6, ((random(1n << 128n) >> random(128n)) << random(100n)) & ((1n << 128n) - 1n));
      if (address.value >> 32n === 0xffffn) continue;
      expect(parseAddress(address.text)).toEqual(address);
    }
  });
});

const localNat64 = 0x0064ff9b0001n << 80n;

function read(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

/** Another program's idea of which addresses a range has. */
function blockList({ family, first, prefix }: Cidr): BlockList {
  const list = new BlockList();
  list.addSubnet(first.text, prefix, `ipv${family}`);
  return list;
}

function classOf(text: string): AddressClass {
  return classifyAddress(read(text)).class;
}

/** Through the text, as it comes from a configuration or a resolver. */
function classOfBits(value: bigint): AddressClass {
  return classOf(addressOf(6, value).text);
}

/** Numbers below a limit, the same in each run. */
function seeded(seed: number): (below: bigint) => bigint {
  let state = BigInt(seed);
  const word = (): bigint => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
    return state >> 32n;
  };
  return (below) => ((word() << 96n) | (word() << 64n) | (word() << 32n) | word()) % below;
}
