import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { egressGuard } from './egress/egress-guard.js';
import { proxySecrets } from './egress/proxy-secrets.js';
import { defineTriggerKind } from './trigger-kind.js';
import { TriggerKindRegistry } from './trigger-kind-registry.js';
import { validateTriggers } from './validate-triggers.js';

const dial = defineTriggerKind({
  contractVersion: 1,
  kind: 'dial',
  configSchema: Type.Object({ host: Type.String() }),
  validate({ host }, { egress }) {
    const message = egress.refusal(host);
    const proxied = { severity: 'warning' as const, pointer: '/host', message: `goes through ${egress.proxy}` };
    const refused = message === undefined ? [] : [{ severity: 'error' as const, pointer: '/host', message }];
    return egress.proxy === undefined ? refused : [...refused, proxied];
  },
  describeTarget: ({ host }) => `dial:${host}`,
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
});
const registry = new TriggerKindRegistry([dial]);
const to = (host: string) => ({ config: { a: { kind: 'dial', host, payloadTemplate: '{}' } } });

describe('the validate of a kind', () => {
  it('gets the default guard when no other is given', () => {
    expect(validateTriggers(to('169.254.169.254'), registry).issues).toMatchObject([
      {
        code: 'CONFIG_KIND_REFUSED',
        pointer: '/config/a/host',
        message: expect.stringMatching(/^169\.254\.169\.254 is/),
      },
    ]);
    expect(validateTriggers(to('127.0.0.1'), registry).issues).toEqual([]);
  });

  it('gets the guard that is given', () => {
    const options = { egress: egressGuard({ reach: 'public' }) };
    expect(validateTriggers(to('127.0.0.1'), registry, options).issues).toHaveLength(1);
    expect(validateTriggers(to('hooks.example'), registry, options).issues).toEqual([]);
  });

  it.each([
    'http://user:s3cret-word@proxy.internal:3128',
    'http://s3cret-word@proxy.internal:3128',
    'http://user:s3cret%2Dword@proxy.internal',
  ])('shows no password of the proxy %s', (proxy) => {
    const [issue] = validateTriggers(to('hooks.example'), registry, { egress: egressGuard({ proxy }) }).issues;
    expect(issue?.message).toMatch(/^goes through http:\/\/(user:)?\[redacted\]@proxy\.internal/);
  });
});

describe('the secrets of a proxy', () => {
  it.each<[string | undefined, string[]]>([
    [undefined, []],
    ['http://proxy:3128', []],
    ['http://user:p%40ss@proxy:3128', ['p@ss']],
    ['http://token@proxy:3128', ['token']],
    ['http://user:100%@proxy:3128', ['100%']],
  ])('of %s are %j', (proxy, secrets) => {
    expect(proxySecrets({ proxy })).toEqual(secrets);
  });
});
