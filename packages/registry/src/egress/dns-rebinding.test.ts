import { type LookupAddress, Resolver } from 'node:dns';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, isIP, type LookupFunction } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type NameRecord, type NameServer, startNameServer } from '../../test/name-server.js';
import { egressGuard } from './egress-guard.js';

const publicAddress = '93.184.215.14';
const publicIpv6 = '2606:2800:021f:cb07:6820:80da:af6b:8b2c';
const loopback = '127.0.0.1';
const mappedLoopback = '0000:0000:0000:0000:0000:ffff:7f00:0001';

describe('a name whose addresses are in somebody else’s hands', () => {
  let nameServer: NameServer;
  let receiver: Server;
  let beneath: LookupFunction;
  let arrived: number;
  /** What the name server says, of A and AAAA records alike. */
  let answers: Record<string, NameRecord[][]>;

  beforeAll(async () => {
    // The last answer of a name stays.
    nameServer = await startNameServer((name, type) => {
      const ofName = answers[`${name} ${type}`] ?? [];
      return (ofName.length > 1 ? ofName.shift() : ofName[0]) ?? [];
    });
    beneath = resolvingWith(nameServer.address);
    receiver = createServer((_request, response) => response.end());
    receiver.on('connection', () => {
      arrived += 1;
    });
    receiver.listen(0, loopback);
    await once(receiver, 'listening');
  });

  afterAll(async () => {
    await nameServer.close();
    receiver.close();
    await once(receiver, 'close');
  });

  beforeEach(() => {
    arrived = 0;
    answers = {};
  });

  test('reaches this machine without a guard, when it leads there by its second answer', async () => {
    answers = { 'rebind.example A': [a(publicAddress), a(loopback)] };
    expect(await resolved(beneath)).toEqual([publicAddress]);
    expect(await post(receiver, beneath)).toBe('answered 200');
    expect(arrived).toBe(1);
  });

  test('reaches nothing when it leads elsewhere by its second answer', async () => {
    answers = { 'rebind.example A': [a(publicAddress), a(loopback)] };
    const { lookup } = egressGuard({ reach: 'public', lookup: beneath });
    expect(await resolved(lookup)).toEqual([publicAddress]);
    expect(await post(receiver, lookup)).toMatch(
      /^EGRESS_REFUSED rebind\.example is resolved to 127\.0\.0\.1, a loopback/,
    );
    expect(arrived).toBe(0);
    expect(nameServer.asked.slice(-4)).toEqual(expect.arrayContaining(['rebind.example A', 'rebind.example AAAA']));
  });

  test.each<[string, Record<string, NameRecord[][]>]>([
    ['a public and a private address', { 'rebind.example A': [[...a(publicAddress), ...a(loopback)]] }],
    ['a private and a public address', { 'rebind.example A': [[...a(loopback), ...a(publicAddress)]] }],
    [
      'a public IPv6 address and a private IPv4 address',
      { 'rebind.example A': [a(loopback)], 'rebind.example AAAA': [aaaa(publicIpv6)] },
    ],
    ['an IPv4-mapped address', { 'rebind.example AAAA': [aaaa(mappedLoopback)] }],
    [
      'another name for a private one',
      {
        'rebind.example A': [
          [
            { type: 'CNAME', data: 'inside.example' },
            { type: 'A', name: 'inside.example', data: loopback },
          ],
        ],
      },
    ],
  ])('reaches nothing when it has %s', async (_, given) => {
    answers = given;
    const { lookup } = egressGuard({ reach: 'public', lookup: beneath });
    for (const autoSelectFamily of [true, false]) {
      expect(await post(receiver, lookup, autoSelectFamily)).toMatch(/^EGRESS_REFUSED rebind\.example is resolved to /);
    }
    expect(arrived).toBe(0);
  });

  test('reaches no metadata service, also when it is listed', async () => {
    answers = { 'rebind.example A': [a('169.254.169.254')] };
    const { lookup } = egressGuard({ allow: ['rebind.example'], lookup: beneath });
    expect(await post(receiver, lookup)).toMatch(/^EGRESS_REFUSED rebind\.example is resolved to 169\.254\.169\.254/);
  });

  test('reaches this machine when it is listed, or when private addresses are allowed', async () => {
    answers = { 'rebind.example A': [a(loopback)] };
    expect(
      await post(receiver, egressGuard({ reach: 'listed', allow: ['rebind.example'], lookup: beneath }).lookup),
    ).toBe('answered 200');
    expect(await post(receiver, egressGuard({ lookup: beneath }).lookup)).toBe('answered 200');
    expect(arrived).toBe(2);
  });
});

function a(data: string): NameRecord[] {
  return [{ type: 'A', data }];
}

function aaaa(data: string): NameRecord[] {
  return [{ type: 'AAAA', data }];
}

/** A resolver of A and AAAA records, which asks one name server. */
function resolvingWith(server: string): LookupFunction {
  const resolver = new Resolver();
  resolver.setServers([server]);
  return (name, { all }, callback) => {
    resolver.resolve4(name, (noIpv4, ipv4) => {
      resolver.resolve6(name, (noIpv6, ipv6) => {
        const found: LookupAddress[] = [...(noIpv4 ? [] : ipv4), ...(noIpv6 ? [] : ipv6)].map((address) => ({
          address,
          family: isIP(address),
        }));
        if (all === true) callback(null, found);
        else callback(null, found[0]?.address ?? '', found[0]?.family);
      });
    });
  };
}

async function resolved(lookup: LookupFunction): Promise<string[]> {
  return new Promise((resolve, reject) => {
    lookup('rebind.example', { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve((found as LookupAddress[]).map(({ address }) => address));
    });
  });
}

/** Sends one request to the name, at the receiver's port, on a connection of its own, and tells how it ended. */
async function post(receiver: Server, lookup: LookupFunction, autoSelectFamily = true): Promise<string> {
  const { port } = receiver.address() as AddressInfo;
  return new Promise((resolve) => {
    const options = { host: 'rebind.example', port, method: 'POST', agent: false, lookup, autoSelectFamily };
    const sent = request(options, (response) => {
      response.resume();
      resolve(`answered ${response.statusCode}`);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code} ${error.message}`));
    sent.end('{}');
  });
}
