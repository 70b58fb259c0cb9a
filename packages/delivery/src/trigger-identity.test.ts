import { type JsonObject, triggerNameProblem } from '@aftercommit/models';
import { defineTriggerKind, TriggerKindRegistry, type ValidatedTrigger, validateTriggers } from '@aftercommit/registry';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { firstFree, identifyTriggers, type TriggerIdentity } from './trigger-identity.js';

const post = defineTriggerKind({
  contractVersion: 1,
  kind: 'post',
  configSchema: Type.Object({
    url: Type.String(),
    method: Type.Optional(Type.String({ default: 'POST' })),
    retries: Type.Optional(Type.Integer({ nonsensitive: true })),
    headers: Type.Optional(Type.Record(Type.String(), Type.String({ secret: true }))),
  }),
  describeTarget: ({ url }) => (URL.canParse(url) ? new URL(url).origin : url),
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
});

/** A kind that breaks its promise: the target is told with everything in it. */
const careless = defineTriggerKind({
  ...post,
  kind: 'careless',
  describeTarget: ({ url }) => url,
});

/** A kind whose host is a secret, too. */
const hidden = defineTriggerKind({
  contractVersion: 1,
  kind: 'hidden',
  configSchema: Type.Object({ secretUrl: Type.Optional(Type.String({ secret: true })) }),
  describeTarget: ({ secretUrl = '' }) => (URL.canParse(secretUrl) ? new URL(secretUrl).origin : 'a secret URL'),
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
});

function identify(...config: JsonObject[]): TriggerIdentity[] {
  const registry = new TriggerKindRegistry([post, careless, hidden]);
  const written = config.map((one) => ({ kind: 'post', payloadTemplate: '{}', ...one }));
  const { triggers, issues } = validateTriggers({ config: written }, registry);
  expect(issues).toEqual([]);
  return identifyTriggers(triggers satisfies ValidatedTrigger[]);
}

function one(config: JsonObject): TriggerIdentity {
  const [identity] = identify(config);
  if (identity === undefined) throw new Error('no trigger');
  return identity;
}

describe('the name of a trigger', () => {
  it('is the configured one', () => {
    expect(one({ name: 'dbt', url: 'https://example.com' })).toMatchObject({ name: 'dbt', nameConfigured: true });
  });

  it('is derived from kind, host and what is protected', () => {
    const { name, nameConfigured, targetHash } = one({ url: 'https://example.com/hook' });
    expect([name, nameConfigured]).toEqual([`post-example.com-${targetHash.slice(0, 8)}`, false]);
  });

  it.each([
    ['a path', 'https://example.com/services/T0/s3cret'],
    ['a query', 'https://example.com?key=s3cret'],
    ['a fragment', 'https://example.com#s3cret'],
    ['a credential', 'https://s3cret:s3cret@example.com/'],
    ['a credential with a slash', 's3cret@example.com/s3cret'],
  ])('shows nothing of %s, even when a kind tells it', (_what, url) => {
    expect(one({ kind: 'careless', url }).name).toMatch(/^careless-example\.com-[0-9a-f]{8}$/);
  });

  it('is the same whether a secret URL is sealed or not, and shows nothing of it', () => {
    const plain = one({ kind: 'hidden', secretUrl: 'https://hooks.example.com/s3cret' });
    expect(plain.name).toBe(`hidden-a-secret-URL-${plain.targetHash.slice(0, 8)}`);
    expect(one({ kind: 'hidden', secretUrl: 'sealed' })).toEqual(plain);
  });

  it.each([
    'https://example.com:8443',
    'http://[::1]:8080/',
    'http://[2001:db8::ff00:42:8329]/',
    'https://a.very.long.host.name.of.a.company.that.likes.subdomains.example.com/',
    `https://${'x'.repeat(63)}.com`,
    'https://xn--bcher-kva.example/',
    'https://bücher.example/',
    'https://a_b.example',
    'https://example_sops',
    '',
    '.../---',
    '\u{1f511}',
  ])('is legal for %j', (url) => {
    for (const kind of ['post', 'careless']) {
      const twins = identify({ kind, url }, { kind, url }, { kind, url });
      for (const { name } of twins) expect([name, triggerNameProblem(name)]).toEqual([name, undefined]);
      expect(new Set(twins.map(({ name }) => name)).size).toBe(3);
    }
  });

  it('is its own for hosts that differ only behind the part that fits', () => {
    const long = 'a'.repeat(40);
    const [first, second] = identify({ url: `https://${long}.one` }, { url: `https://${long}.two` });
    expect(first?.name).not.toBe(second?.name);
  });

  it('carries the template too, for all of several equal ones, and a number where that is equal', () => {
    const url = 'https://example.com';
    const twins = identify(
      { url, payloadTemplate: '[1]' },
      { url, payloadTemplate: '[2]' },
      { url, payloadTemplate: '[2]' },
    );
    const [first, second, third] = twins;
    const stem = `post-example.com-${first?.targetHash.slice(0, 8)}`;
    expect(first?.name).toBe(`${stem}-${first?.templateHash.slice(0, 8)}`);
    expect(second?.name).toBe(`${stem}-${second?.templateHash.slice(0, 8)}`);
    expect(third?.name).toBe(`${second?.name}-2`);
    expect(first?.name).not.toBe(second?.name);
  });

  it('gives way to a configured name, wherever that stands', () => {
    const url = 'https://example.com';
    const { name } = one({ url });
    const [derived, configured] = identify({ url }, { url: 'https://example.org', name });
    expect([derived?.name, configured?.name]).toEqual([`${name}-2`, name]);
  });

  it('is no reason for a configured twin to change another name', () => {
    const url = 'https://example.com';
    const { name } = one({ url });
    expect(identify({ url, name: 'dbt' }, { url }).map((identity) => identity.name)).toEqual(['dbt', name]);
  });
});

describe('what a trigger is recognised by', () => {
  const url = 'https://example.com/hook';
  const plain = { url, headers: { Authorization: 'Bearer a', 'X-Team': 'data' } };

  it('does not depend on the order of fields, secret values, defaults written out, or fields that may change', () => {
    const { name, targetHash } = one(plain);
    for (const same of [
      { headers: { 'X-Team': 'data', Authorization: 'Bearer a' }, url },
      { ...plain, headers: { Authorization: 'Bearer b', 'X-Team': 'other' } },
      { ...plain, method: 'POST' },
      { ...plain, payloadTemplate: '[]', timeout: '5s', maxAttempts: 9, interval: '1h', retries: 3 },
    ]) {
      expect(one(same)).toMatchObject({ name, targetHash });
    }
  });

  it.each([
    ['path', { ...plain, url: 'https://example.com/other' }],
    ['query', { ...plain, url: `${url}?a=1` }],
    ['slash at the end', { ...plain, url: `${url}/` }],
    ['port, also where it is the default', { ...plain, url: 'https://example.com:443/hook' }],
    ['scheme', { ...plain, url: 'http://example.com/hook' }],
    ['method', { ...plain, method: 'PUT' }],
    ['header name', { ...plain, headers: { Authorization: 'Bearer a', 'X-Teams': 'data' } }],
    ['kind', { ...plain, kind: 'careless' }],
  ])('depends on the %s', (_field, other) => {
    expect(one(other).targetHash).not.toBe(one(plain).targetHash);
    expect(one(other).configHash).not.toBe(one(plain).configHash);
  });

  it('is the same sealed and plain, whatever a value was encrypted to', () => {
    const { name, targetHash } = one(plain);
    const encrypted = { Authorization_sops: 'ENC[AES256_GCM,data:q8]', 'X-Team_sops': 'ENC[AES256_GCM,data:zz]' };
    for (const headers of [encrypted, { ...encrypted, Authorization_sops: 'ENC[AES256_GCM,data:99]' }]) {
      expect(one({ url, headers })).toMatchObject({ name, targetHash });
    }
    expect(one({ url, headers: { Authorization_sops: '' } }).targetHash).not.toBe(targetHash);
  });

  it('is the same sealed and plain, where the secret is a field of its own', () => {
    const configSchema = Type.Object({ url: Type.String(), token: Type.Optional(Type.String({ secret: true })) });
    const registry = new TriggerKindRegistry([defineTriggerKind({ ...post, configSchema })]);
    const config = [{ kind: 'post', payloadTemplate: '{}', url, token: 's3cret' }];
    const [trigger] = validateTriggers({ config }, registry).triggers;
    if (trigger === undefined) throw new Error('no trigger');
    const sealed = { ...trigger, config: { url, token_sops: 'ENC[AES256_GCM,data:q8]' } };
    expect(identifyTriggers([sealed])).toEqual(identifyTriggers([trigger]));
  });

  it('changes its template hash with the template alone', () => {
    expect(one({ ...plain, url: 'https://example.org' }).templateHash).toBe(one(plain).templateHash);
    expect(one({ ...plain, payloadTemplate: '[]' }).templateHash).not.toBe(one(plain).templateHash);
  });

  it('changes its configuration hash with every field that is not secret, and not with a name', () => {
    const { configHash } = one(plain);
    expect(one({ ...plain, headers: { Authorization: 'Bearer b', 'X-Team': 'x' } }).configHash).toBe(configHash);
    expect(one({ ...plain, name: 'dbt' }).configHash).toBe(configHash);
    expect(one({ ...plain, timeout: '30s', maxAttempts: 3, onFailure: 'block' }).configHash).toBe(configHash);
    for (const other of [
      { payloadTemplate: '[]' },
      { timeout: '5s' },
      { maxAttempts: 9 },
      { interval: '1h' },
      { onFailure: 'park' },
      { retries: 3 },
    ]) {
      expect(one({ ...plain, ...other }).configHash).not.toBe(configHash);
    }
  });
});

it('numbers a name from 2 until it is free', () => {
  expect(firstFree('a', new Set(['b']))).toBe('a');
  expect(firstFree('a', new Set(['a', 'a-2', 'a-4']))).toBe('a-3');
});
