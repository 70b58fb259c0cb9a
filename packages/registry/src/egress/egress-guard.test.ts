import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { egressGuard } from './egress-guard.js';

const vectors = JSON.parse(readFileSync(new URL('../../vectors/egress.json', import.meta.url), 'utf8')) as {
  urlsToRefuse: string[];
  private: string[];
  never: string[];
  public: string[];
};

describe('by default', () => {
  const guard = egressGuard();

  test('everything but what is never reached is reached', () => {
    const allowed = [
      ...vectors.public,
      ...vectors.private,
      'localhost',
      'hooks.example.com',
      'a.localhost.',
      'postgres_1',
    ];
    expect(allowed.filter((host) => guard.refusal(host) !== undefined)).toEqual([]);
    expect(vectors.never.filter((host) => guard.refusal(host) === undefined)).toEqual([]);
  });

  test('the refusal says which host, what it is and how it is allowed', () => {
    expect(guard.refusal('169.254.169.254')).toBe(
      '169.254.169.254 is a link-local address, where cloud metadata services answer: triggers may not reach it. ' +
        'To allow it: --egress-allow 169.254.169.254/32 on the command line, allow of egressGuard() in the library.',
    );
    expect(guard.refusal('[fd00:ec2::254]')).toMatch(
      /^fd00:ec2::254 is the metadata service of AWS: .*fd00:ec2::254\/128/,
    );
    expect(guard.refusal('0xa9fea9fe')).toMatch(/^0xa9fea9fe, which means 169\.254\.169\.254, is a link-local address/);
  });

  it.each(['fe80::1%eth0', '[fe80::1%eth0]', 'FE80::1', '[::ffff:169.254.1.1]', '169.254.43518', '0251.0376.0.1'])(
    'a link-local address is refused when it is written as %s',
    (host) => {
      expect(guard.refusal(host)).toContain('link-local');
    },
  );

  it.each([
    '',
    ' ',
    '.',
    'a b',
    'u:s3cret@host',
    'host:80',
    '[::1',
    '::1]',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a\tb',
    '999.1.1.1',
    '1.2.3.4.5',
    '%2f',
  ])('%j is refused, because it is not a host, and is not shown', (host) => {
    expect(guard.refusal(host)).toBe('What is given as the host is neither a name nor an IP address.');
  });

  test('a host is judged once', () => {
    const first = guard.refusal('169.254.7.7');
    expect(guard.refusal('169.254.7.7')).toBe(first);
    // More than it remembers, and still right.
    for (let last = 0; last < 3_000; last += 1) guard.refusal(`host-${last}.example`);
    expect(guard.refusal('169.254.7.7')).toBe(first);
    expect(guard.refusal('host-0.example')).toBeUndefined();
  });
});

describe('with reach public', () => {
  const guard = egressGuard({ reach: 'public' });

  test('public addresses and names are reached, private addresses are not', () => {
    expect([...vectors.public, 'hooks.example.com', 'localhost.example'].filter((host) => guard.refusal(host))).toEqual(
      [],
    );
    expect([...vectors.private, ...vectors.never].filter((host) => !guard.refusal(host))).toEqual([]);
  });

  test('the hosts of URLs that mean this machine are refused', () => {
    expect(vectors.urlsToRefuse.filter((url) => !guard.refusal(new URL(url).hostname))).toEqual([]);
    // Of schemes that URL does not know it leaves the host as it was written.
    const unread = vectors.urlsToRefuse.map((url) => new URL(url.replace(/^http/, 'nats')).hostname);
    expect(unread).toContain('0x7f.1');
    expect(unread.filter((host) => !guard.refusal(host))).toEqual([]);
  });

  it.each(['localhost', 'LOCALHOST', 'localhost.', 'a.b.localhost', 'ⓛocalhost', 'local\u00adhost'])(
    '%s is this machine',
    (host) => {
      expect(guard.refusal(host)).toMatch(
        /localhost is this machine: triggers may not reach it\. To allow it: --egress-allow/,
      );
    },
  );

  test('fullwidth digits and percent-encoded ones are the address that they mean', () => {
    for (const host of ['１２７.0.0.1', '127。0。0。1', '%31%32%37.0.0.1'])
      expect(guard.refusal(host)).toContain('127.0.0.1');
  });
});

describe('a list', () => {
  test('allows addresses, ranges, names and all names below one', () => {
    const guard = egressGuard({
      reach: 'listed',
      allow: ['10.0.0.7', '10.1.0.0/16', 'fd00::/8', 'Hooks.Internal.', '*.internal.example', '::ffff:10.2.0.0/112'],
    });
    const allowed = [
      '10.0.0.7',
      '10.1.255.255',
      '10.2.3.4',
      '::ffff:10.0.0.7',
      'fd12::1',
      'hooks.internal',
      'HOOKS.internal.',
      'a.b.internal.example',
    ];
    expect(allowed.filter((host) => guard.refusal(host))).toEqual([]);
    expect(['10.0.0.8', '10.3.0.0', '8.8.8.8', 'fe80::1'].filter((host) => !guard.refusal(host))).toEqual([]);
  });

  test('of names alone refuses other names before they are resolved', () => {
    const guard = egressGuard({ reach: 'listed', allow: ['*.internal.example'] });
    for (const host of ['internal.example', 'xinternal.example', 'a.internal.example.org', '.internal.example']) {
      expect(guard.refusal(host), host).toContain('is not listed');
    }
    expect(guard.refusal('hooks.example.com')).toBe(
      'hooks.example.com is not listed: triggers may not reach it. To allow it: --egress-allow hooks.example.com on the command line, allow of egressGuard() in the library.',
    );
    expect(guard.refusal('8.8.8.8')).toMatch(/^8\.8\.8\.8 is a public address that is not listed/);
  });

  test('with a range leaves a name to its addresses, but not where a proxy resolves it', () => {
    const allow = ['10.0.0.0/8'];
    expect(egressGuard({ reach: 'listed', allow }).refusal('hooks.internal')).toBeUndefined();
    const behind = egressGuard({ reach: 'listed', allow, proxy: 'http://proxy.internal:3128' });
    expect(behind.refusal('hooks.internal')).toContain('is not listed');
    expect(behind.refusal('10.0.0.1')).toBeUndefined();
  });

  test('adds to what reach allows', () => {
    const guard = egressGuard({ reach: 'public', allow: ['localhost', '192.168.0.0/24'] });
    expect(['localhost', '192.168.0.9', '8.8.8.8'].filter((host) => guard.refusal(host))).toEqual([]);
    expect(guard.refusal('127.0.0.1')).toContain('loopback');
  });

  it.each([
    '0.0.0.0/0',
    '169.0.0.0/8',
    '169.254.0.0/15',
    '168.63.0.0/16',
    '::/0',
    'fc00::/7',
    'fd00::/8',
    'fe00::/8',
    '64:ff9b::/96',
  ])('that has %s in it allows nothing that is never reached', (range) => {
    for (const reach of ['private', 'public', 'listed'] as const) {
      const guard = egressGuard({ reach, allow: [range] });
      for (const host of [...vectors.never, '168.63.129.16']) expect(guard.refusal(host), host).toBeDefined();
    }
  });

  it.each([
    ['169.254.169.254', ['169.254.169.254', '::ffff:169.254.169.254'], ['169.254.169.253', '64:ff9b::a9fe:a9fe']],
    ['169.254.0.0/16', ['169.254.0.0', '169.254.255.255'], ['fe80::1']],
    ['::ffff:169.254.169.0/120', ['169.254.169.254'], ['169.254.168.1']],
    ['fe80::/10', ['fe80::1', 'fe80::1%eth0'], ['169.254.1.1']],
    ['fd00:ec2::/32', ['fd00:ec2::254'], ['fd20:ce::254']],
    ['168.63.129.16/32', ['168.63.129.16'], ['169.254.169.254']],
    ['64:ff9b::a9fe:a9fe/128', ['64:ff9b::a9fe:a9fe'], ['169.254.169.254']],
  ])('that has %s in it allows just that', (entry, allowed, refused) => {
    const guard = egressGuard({ allow: [entry] });
    expect(allowed.filter((host) => guard.refusal(host))).toEqual([]);
    expect(refused.filter((host) => !guard.refusal(host))).toEqual([]);
  });
});

describe('a proxy', () => {
  const guard = egressGuard({ proxy: 'http://user:s3cret@proxy.internal:3128' });

  test('is handed out to kinds', () => {
    expect(guard.proxy).toBe('http://user:s3cret@proxy.internal:3128');
    expect(egressGuard().proxy).toBeUndefined();
  });

  test('is not shown by whoever prints or spreads the guard', () => {
    const shown = [inspect(guard, { depth: 9, showHidden: true }), JSON.stringify(guard), inspect({ ...guard })];
    expect(shown.join('\n')).not.toContain('s3cret');
  });
});

describe('a policy that means nothing', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'bits beyond the prefix',
      { allow: ['10.1.2.3/8'] },
      /^"10\.1\.2\.3\/8" .* bits set beyond its prefix\. Write 10\.0\.0\.0\/8, or 10\.1\.2\.3 for/,
    ],
    ['the same of IPv6', { allow: ['fd00::1/8'] }, /Write fd00::\/8, or fd00::1 for/],
    ['a long prefix', { allow: ['10.0.0.0/33'] }, /prefix length of 0 to 32/],
    ['a short prefix of a mapped address', { allow: ['::ffff:10.0.0.0/95'] }, /prefix length of 96 to 128/],
    ['a prefix that is no number', { allow: ['10.0.0.0/x'] }, /prefix length/],
    ['no prefix after the slash', { allow: ['10.0.0.0/'] }, /prefix length/],
    ['a leading zero', { allow: ['10.0.0.0/08'] }, /prefix length/],
    ['two slashes', { allow: ['10.0.0.0/8/8'] }, /is not an address/],
    ['a zone', { allow: ['fe80::1%eth0'] }, /has a zone/],
    ['brackets', { allow: ['[::1]'] }, /is not an address/],
    [
      'a URL',
      { allow: ['https://hooks.example/s3cret-token'] },
      /is not an address.*Entries are such as hooks\.internal/,
    ],
    ['a port', { allow: ['hooks.example:443'] }, /is not an address/],
    ['another spelling of an address', { allow: ['0x7f.1'] }, /stands for 127\.0\.0\.1\. Write that/],
    ['a star alone', { allow: ['*'] }, /"\*"/],
    ['a star in the middle', { allow: ['a.*.example'] }, /elsewhere than as its first label/],
    ['nothing', { allow: [''] }, /is not a host/],
    ['a number', { allow: [7] }, /An entry of the list .* is not a text/],
    ['a text instead of a list', { allow: '10.0.0.0/8' }, /allow must be a list/],
    ['an unknown reach', { reach: 'all' }, /reach must be one of private, public, listed/],
    ['a SOCKS proxy', { proxy: 'socks5://u:s3cret@proxy' }, /proxy must be an HTTP proxy/],
    ['a proxy without a scheme', { proxy: 'u:s3cret@proxy:3128' }, /proxy must be an HTTP proxy/],
    ['a URL with a password', { allow: ['https://u:s3cret@hooks.example/'] }, /^An entry of the list/],
  ])('is refused with a code: %s', (_, policy, message) => {
    const error = thrownBy(() => egressGuard(policy as never));
    expect(error).toMatchObject({ name: 'RegistryError', code: 'EGRESS_POLICY_INVALID' });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('s3cret');
  });
});

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
