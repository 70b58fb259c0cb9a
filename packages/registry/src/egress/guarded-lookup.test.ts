import type { LookupAddress, LookupOptions } from 'node:dns';
import { request } from 'node:http';
import type { LookupFunction } from 'node:net';
import { describe, expect, it, test } from 'vitest';
import { EgressError } from './egress-error.js';
import { egressGuard } from './egress-guard.js';
import type { EgressPolicy } from './egress-policy.js';

type Answer = { error: NodeJS.ErrnoException | null; address: string | LookupAddress[]; family: number | undefined };

/** A resolver that says the same of every name, and notes how it was asked. */
function resolver(addresses: unknown): { lookup: LookupFunction; asked: Array<[string, LookupOptions]> } {
  const asked: Array<[string, LookupOptions]> = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    asked.push([hostname, options]);
    process.nextTick(callback, null, addresses as LookupAddress[]);
  };
  return { lookup, asked };
}

function of(...addresses: string[]): LookupAddress[] {
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

function answerOf(lookup: unknown, ...given: unknown[]): Promise<Answer> {
  return new Promise((resolve) => {
    (lookup as (...all: unknown[]) => void)(...given, (error: Answer['error'], address: string, family?: number) =>
      resolve({ error, address, family }),
    );
  });
}

function guarded(addresses: unknown, policy: EgressPolicy = {}): LookupFunction {
  return egressGuard({ reach: 'public', ...policy, lookup: resolver(addresses).lookup }).lookup;
}

describe('an answer', () => {
  const answer = of('8.8.8.8', '2606:4700::1');

  it.each<[string, unknown[]]>([
    ['no options', []],
    ['empty options', [{}]],
    ['a family in their place', [4]],
    ['none but a place for them', [undefined]],
    ['a family among them', [{ family: 'IPv4', hints: 32 }]],
    ['all: false', [{ all: false, order: 'ipv4first' }]],
  ])('is its first address, asked for with %s', async (_, options) => {
    expect(await answerOf(guarded(answer), 'hooks.example', ...options)).toEqual({
      error: null,
      address: '8.8.8.8',
      family: 4,
    });
  });

  test('is all addresses in their order, asked for with all: true', async () => {
    const { error, address } = await answerOf(guarded(answer), 'hooks.example', { all: true });
    expect({ error, address }).toEqual({ error: null, address: answer });
  });

  test('is asked for as it was, but for all its addresses', async () => {
    const { lookup, asked } = resolver(answer);
    const guard = egressGuard({ lookup });
    await answerOf(guard.lookup, 'Hooks.example.', { family: 4, hints: 32, order: 'verbatim', all: false });
    await answerOf(guard.lookup, 'hooks.example', 6);
    expect(asked).toEqual([
      ['Hooks.example.', { family: 4, hints: 32, order: 'verbatim', all: true }],
      ['hooks.example', { family: 6, all: true }],
    ]);
  });

  test('of a resolver that gives one address is that', async () => {
    expect(await answerOf(guarded('8.8.8.8'), 'hooks.example')).toEqual({ error: null, address: '8.8.8.8', family: 4 });
  });

  test('is an error of the resolver as it is', async () => {
    const failure = Object.assign(new Error('queryA ESERVFAIL'), { code: 'ESERVFAIL' });
    const lookup: LookupFunction = (_hostname, _options, callback) => callback(failure, '');
    expect((await answerOf(egressGuard({ lookup }).lookup, 'hooks.example')).error).toBe(failure);
  });

  test('is the literal address itself, without a resolver', async () => {
    const { lookup, asked } = resolver([]);
    const guard = egressGuard({ lookup });
    expect(await answerOf(guard.lookup, '127.0.0.1')).toEqual({ error: null, address: '127.0.0.1', family: 4 });
    expect((await answerOf(guard.lookup, '[::1]', { all: true })).address).toEqual(of('::1'));
    expect((await answerOf(guard.lookup, '0x7f.1')).address).toBe('127.0.0.1');
    expect(asked).toEqual([]);
  });

  test('comes later also where nothing is resolved', async () => {
    let isLater = false;
    const answered = answerOf(egressGuard().lookup, '169.254.169.254').then(() => isLater);
    isLater = true;
    expect(await answered).toBe(true);
  });

  test('needs somebody to tell it to', () => {
    expect(() => (egressGuard().lookup as (host: string) => void)('localhost')).toThrow(TypeError);
  });
});

describe('an answer is refused', () => {
  it.each<[string, string[]]>([
    ['a private address', ['10.0.0.7']],
    ['a private address after a public one', ['8.8.8.8', '10.0.0.7']],
    ['a private address before a public one', ['10.0.0.7', '8.8.8.8']],
    ['a private IPv6 address after a public IPv4 one', ['8.8.8.8', 'fd00::1']],
    ['an IPv4-mapped one', ['::ffff:127.0.0.1']],
    ['an IPv4-mapped one in hex', ['::ffff:7f00:1']],
    ['a NAT64 one', ['64:ff9b::7f00:1']],
    ['this host', ['0.0.0.0']],
    ['a link-local one with a zone', ['fe80::1%eth0']],
    ['what is no address', ['hooks.example']],
    ['what a resolver takes for an address', ['0x7f.1']],
    ['nothing in the place of an address', ['8.8.8.8', '']],
  ])('with %s in it, in both forms', async (_, addresses) => {
    for (const options of [{}, { all: true }]) {
      const { error, address } = await answerOf(guarded(of(...addresses)), 'hooks.example', options);
      expect(error).toMatchObject({ name: 'EgressError', code: 'EGRESS_REFUSED' });
      expect(EgressError.is(error)).toBe(true);
      expect(address).toEqual('all' in options ? [] : '');
    }
  });

  it.each([[[null]], [[{}]], [[{ address: 7 }]]])('with %j in it', async (addresses) => {
    expect((await answerOf(guarded(addresses), 'hooks.example')).error).toMatchObject({ code: 'EGRESS_REFUSED' });
  });

  it.each([[[]], [undefined], [null], [{}]])('as not found when it is %j', async (addresses) => {
    const { error } = await answerOf(guarded(addresses), 'hooks.example');
    expect(error).toMatchObject({ code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND hooks.example' });
  });

  test('by a message with host, address and what to do', async () => {
    const { error } = await answerOf(guarded(of('8.8.8.8', '10.0.0.7')), 'hooks.example');
    expect(error?.message).toBe(
      'hooks.example is resolved to 10.0.0.7, a private address: triggers may not reach it. To allow it: --egress-allow hooks.example on the command line, allow of egressGuard() in the library.',
    );
    const never = await answerOf(guarded(of('169.254.169.254'), { reach: 'private' }), 'hooks.example');
    expect(never.error?.message).toContain('--egress-allow 169.254.169.254/32 on');
  });

  test('without asking when the name says it', async () => {
    const { lookup, asked } = resolver(of('8.8.8.8'));
    const guard = egressGuard({ reach: 'public', lookup });
    for (const host of ['localhost', 'a.localhost.', '127.0.0.1', '0x7f.1', '']) {
      expect((await answerOf(guard.lookup, host)).error).toMatchObject({ code: 'EGRESS_REFUSED' });
    }
    expect(asked).toEqual([]);
  });
});

describe('a listed name', () => {
  const policy: EgressPolicy = { reach: 'listed', allow: ['hooks.internal', '*.svc.internal'] };

  it.each(['hooks.internal', 'HOOKS.internal.', 'a.svc.internal'])('%s may lead to private addresses', async (name) => {
    expect((await answerOf(guarded(of('10.0.0.7', '127.0.0.1'), policy), name)).address).toBe('10.0.0.7');
  });

  test('may not lead to an address that is never reached', async () => {
    for (const address of ['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '::ffff:169.254.0.1']) {
      const { error } = await answerOf(guarded(of('10.0.0.7', address), policy), 'hooks.internal');
      expect(error, address).toMatchObject({ code: 'EGRESS_REFUSED' });
    }
    const allow = ['hooks.internal', '169.254.169.254/32'];
    expect((await answerOf(guarded(of('169.254.169.254'), { allow }), 'hooks.internal')).error).toBeNull();
  });

  test('allows no other name of the same address, and a listed range allows every name of it', async () => {
    expect((await answerOf(guarded(of('10.0.0.7'), policy), 'other.internal')).error?.message).toContain(
      'is not listed',
    );
    const range: EgressPolicy = { reach: 'listed', allow: ['10.0.0.0/8'] };
    expect((await answerOf(guarded(of('10.0.0.7'), range), 'other.internal')).address).toBe('10.0.0.7');
    expect((await answerOf(guarded(of('10.0.0.7', '8.8.8.8'), range), 'other.internal')).error?.message).toBe(
      'other.internal is resolved to 8.8.8.8, a public address that is not listed: triggers may not reach it. To allow it: --egress-allow other.internal on the command line, allow of egressGuard() in the library.',
    );
  });
});

test.each([true, false])('node:http reports a refusal as it is, with autoSelectFamily %s', async (autoSelectFamily) => {
  const { lookup } = egressGuard({ reach: 'public', lookup: resolver(of('8.8.8.8', '127.0.0.1')).lookup });
  const error = await new Promise<unknown>((resolve) => {
    request({ host: 'hooks.example', port: 1, lookup, autoSelectFamily } as object)
      .on('error', resolve)
      .end();
  });
  expect(EgressError.is(error)).toBe(true);
  expect(error).toMatchObject({
    code: 'EGRESS_REFUSED',
    message: expect.stringContaining('hooks.example is resolved to 127.0.0.1'),
  });
});
