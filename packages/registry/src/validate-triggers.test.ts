import { jsonPointer } from '@aftercommit/models';
import { describe, expect, it } from 'vitest';
import { faultyOf, hook, issuesOf, validate, webhook } from '../test/sample-kinds.js';
import type { KindIssue, TriggerKind } from './trigger-kind.js';
import { TriggerKindRegistry } from './trigger-kind-registry.js';
import { validateTriggers } from './validate-triggers.js';

describe('validateTriggers, of a sound configuration', () => {
  it('fills in the defaults of every trigger and of its kind', () => {
    expect(validate({ config: [hook] })).toEqual({
      issues: [],
      triggers: [
        {
          pointer: '/config/0',
          configuredName: undefined,
          kind: webhook,
          payloadTemplate: '{}',
          timeoutMs: 30_000,
          maxAttempts: 3,
          intervalMs: undefined,
          onFailure: 'block',
          config: { url: 'https://example.com/hook', method: 'POST', headers: {} },
          target: 'https://example.com',
          sealedTarget: 'https://example.com',
          templateContext: {},
        },
      ],
    });
  });

  it('reads what every trigger can set', () => {
    const settings = { timeout: '1m 30s', maxAttempts: 4_294_967_295, interval: '10m', onFailure: 'park' };
    const { triggers, issues } = validate({ config: [{ kind: 'log', payloadTemplate: '', name: 'a', ...settings }] });

    expect(issues).toEqual([]);
    expect(triggers).toMatchObject([
      {
        configuredName: 'a',
        timeoutMs: 90_000,
        maxAttempts: 4_294_967_295,
        intervalMs: 600_000,
        onFailure: 'park',
        config: { prefix: 'committed' },
      },
    ]);
  });

  it('keeps the order of a list and of a map', () => {
    const list = validate({ config: [{ ...hook, name: 'b' }, { ...hook, name: 'a' }, hook] });
    expect(list.triggers.map(({ pointer, configuredName }) => [pointer, configuredName])).toEqual([
      ['/config/0', 'b'],
      ['/config/1', 'a'],
      ['/config/2', undefined],
    ]);
    const map = validate({ config: { b: hook, a: { ...hook, name: 'a' } } });
    expect(map.issues).toEqual([]);
    expect(map.triggers.map(({ pointer, configuredName }) => [pointer, configuredName])).toEqual([
      ['/config/b', 'b'],
      ['/config/a', 'a'],
    ]);
  });

  it.each([[[]], [{}]])('finds no trigger in an empty configuration %j, and no fault', (config) => {
    expect(validate({ config })).toMatchObject({ triggers: [], issues: [] });
  });

  it('gives triggers without an interval the default one', () => {
    const { triggers } = validate({
      interval: '30m',
      config: [hook, { ...hook, interval: '1m' }, { ...hook, interval: '0s' }],
    });
    expect(triggers.map(({ intervalMs }) => intervalMs)).toEqual([1_800_000, 60_000, undefined]);
  });

  it('neither changes nor shares the configuration', () => {
    const headers = Object.freeze({ Authorization: 's' });
    const value = Object.freeze({ config: Object.freeze([Object.freeze({ ...hook, headers })]) });
    const [trigger] = validate(value).triggers;
    expect(trigger?.config['headers']).toEqual(headers);
    expect(trigger?.config['headers']).not.toBe(headers);
  });

  it.each(['constructor', 'toString', 'valueOf'])('takes a trigger called %j for one like any other', (name) => {
    const { triggers, issues } = validate({ config: { [name]: hook } });
    expect(issues).toEqual([]);
    expect(triggers).toMatchObject([{ configuredName: name }]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('keeps a header called %j', (name) => {
    const text = `{"config":[{"url":"https://a","payloadTemplate":"","headers":{"${name}":"x"}}]}`;
    const { triggers, issues } = validate(JSON.parse(text));
    expect(issues).toEqual([]);
    expect(JSON.stringify(triggers[0]?.config['headers'])).toBe(`{"${name}":"x"}`);
  });
});

describe('validateTriggers, of what was probably meant otherwise', () => {
  it('warns of months, which are one shift key away from minutes', () => {
    expect(issuesOf({ config: { a: { ...hook, interval: '10M' } } })).toMatchObject([
      { severity: 'warning', code: 'CONFIG_VALUE_CORRECTED', pointer: '/config/a/interval' },
    ]);
    expect(issuesOf({ config: { a: { ...hook, interval: '10m' } } })).toEqual([]);
  });

  it('says where triggers belong that stand without config', () => {
    const messages = issuesOf({ slack: hook }).map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringContaining('Put what is here inside of it.'));
  });

  it('suggests the field whose letters changed places', () => {
    const [issue] = issuesOf({ config: { a: { ...hook, ulr: 'x' } } });
    expect(issue?.message).toContain('(did you mean "url"?)');
  });
});

describe('validateTriggers, of a trigger whose kind is faulty', () => {
  const faults: Array<[string, Partial<TriggerKind>]> = [
    ['validate', { validate: () => fail() }],
    ['templateContext', { templateContext: () => fail() }],
    ['describeTarget', { describeTarget: () => fail() }],
  ];

  function fail(): never {
    throw new Error('cannot read Bearer s3cr3t-token');
  }

  it.each(faults)('reports what %s throws as an issue, without a secret', (question, fault) => {
    const registry = new TriggerKindRegistry([{ ...webhook, ...fault }]);
    const headers = { Authorization: 'Bearer s3cr3t-token' };

    const { triggers, issues } = validateTriggers({ config: { a: { ...hook, headers } } }, registry);

    expect(triggers).toEqual([]);
    expect(issues).toEqual([
      {
        severity: 'error',
        code: 'CONFIG_KIND_REFUSED',
        pointer: '/config/a',
        trigger: 'a',
        message: `Trigger kind "webhook" failed in ${question}(): cannot read [redacted]`,
      },
    ]);
  });

  it.each([
    ['nothing that is a list', 'bad', '/config/a', 'did not answer validate() with a list of issues'],
    ['an issue without a severity', [{ message: 'no' }], '/config/a', 'no'],
    ['a pointer without a slash', [{ severity: 'error', pointer: 'url', message: 'no' }], '/config/a/url', 'no'],
  ])('lets no configuration through when validate answers with %s', (_, answer, pointer, message) => {
    const kind = { ...webhook, validate: () => answer as KindIssue[] };
    const { triggers, issues } = validateTriggers({ config: { a: hook } }, new TriggerKindRegistry([kind]));
    expect(triggers).toEqual([]);
    expect(issues).toMatchObject([{ severity: 'error', pointer, message: expect.stringContaining(message) }]);
  });

  it('scrubs what the kind says of a configuration', () => {
    const kind = {
      ...webhook,
      validate: ({ url }: { url: string }): KindIssue[] => [
        { severity: 'error', pointer: '/url', message: `s3cr3t-token at ${url}` },
      ],
    };
    const url = 'https://example.com/services/T0/B0/token?key=abcd1234';
    const config = { a: { ...hook, url, headers: { Authorization: 'Bearer s3cr3t-token' } } };
    const { issues } = validateTriggers({ config }, new TriggerKindRegistry([kind]));
    expect(issues.map(({ message }) => message)).toEqual(['[redacted] at https://example.com[redacted]']);
  });
});

describe('validateTriggers, of a trigger with an error', () => {
  it('lets its template be looked at all the same, so that no issue hides another', () => {
    const config = {
      a: { ...hook, timeout: '30', url: 'ftp://x' },
      b: hook,
      c: { ...hook, method: 'GET' },
      d: { url: 'x' },
    };

    expect(faultyOf({ config }).map(({ configuredName }) => configuredName)).toEqual(['a']);
    expect(validate({ config }).triggers.map(({ configuredName }) => configuredName)).toEqual(['b']);
    expect(issuesOf({ config }).map(({ pointer }) => pointer)).toEqual([
      '/config/a/timeout',
      '/config/a/url',
      '/config/c/method',
      '/config/d/payloadTemplate',
      '/config/d/url',
    ]);
  });
});

describe('validateTriggers, of a value that is no configuration', () => {
  const notAnObject = 'The triggers configuration must be an object with a field "config".';

  it.each([[undefined], [null], ['text'], [7], [[]]])('refuses %j', (value) => {
    expect(validate(value)).toEqual({
      triggers: [],
      issues: [{ severity: 'error', code: 'CONFIG_INVALID', pointer: '', message: notAnObject }],
    });
  });

  it.each([
    [{}, 'config is missing: write a list of triggers, or a map from name to trigger.'],
    [{ config: null }, 'config must be a list of triggers, or a map from name to trigger.'],
    [{ config: 'x' }, 'config must be a list of triggers, or a map from name to trigger.'],
  ])('refuses %j', (value, message) => {
    expect(issuesOf(value)).toEqual([{ severity: 'error', code: 'CONFIG_INVALID', pointer: '/config', message }]);
  });

  it('refuses a sealed one, whatever else it holds', () => {
    const message = 'This configuration is sealed. Unseal it before it is used.';
    expect(validate({ config: [hook, 5], sops: {}, other: 1 })).toEqual({
      triggers: [],
      issues: [{ severity: 'error', code: 'CONFIG_SEALED', pointer: '/sops', message }],
    });
  });

  it.each([
    ['intervall', 'There is no field "intervall" (did you mean "interval"?).'],
    ['triggers', 'There is no field "triggers". Known: interval, config.'],
    ['a/b', 'There is no field "a/b". Known: interval, config.'],
    ['constructor', 'There is no field "constructor". Known: interval, config.'],
  ])('refuses the unknown field %j and goes on', (field, message) => {
    const { triggers, issues } = validate({ [field]: '5m', config: [hook] });
    const pointer = jsonPointer([field]);
    expect(issues).toEqual([{ severity: 'error', code: 'CONFIG_UNKNOWN_FIELD', pointer, message }]);
    expect(triggers).toHaveLength(1);
  });

  it('refuses a field __proto__', () => {
    expect(issuesOf(JSON.parse('{"__proto__":{"config":[]},"config":[]}'))).toMatchObject([
      { code: 'CONFIG_UNKNOWN_FIELD', pointer: '/__proto__' },
    ]);
  });

  it.each([
    ['config', [null, hook], '/config/0', undefined],
    ['a list', ['text', hook], '/config/0', undefined],
    ['a list with a list', [[], hook], '/config/0', undefined],
    ['a list with a hole', Object.assign(new Array(2), { 1: hook }), '/config/0', undefined],
    ['a map', { a: null, b: hook }, '/config/a', 'a'],
    ['a map with an illegal name', { 'a/b': null, b: hook }, '/config/a~1b', undefined],
  ])('finds what is no trigger in %s, and reads the others', (_what, config, pointer, trigger) => {
    const { triggers, issues } = validate({ config });
    expect(issues).toEqual([
      {
        severity: 'error',
        code: 'CONFIG_INVALID',
        pointer,
        message: 'A trigger must be an object: its fields, such as kind and payloadTemplate.',
        ...(trigger !== undefined && { trigger }),
      },
    ]);
    expect(triggers).toHaveLength(1);
  });
});
