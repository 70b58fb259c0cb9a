import type { TObject } from 'typebox';
import { describe, expect, it } from 'vitest';
import { hook, issuesOf, validate } from '../test/sample-kinds.js';
import { defineTriggerKind } from './trigger-kind.js';
import { TriggerKindRegistry } from './trigger-kind-registry.js';
import { validateTriggers } from './validate-triggers.js';

describe('kinds of triggers', () => {
  it.each([
    ['webhok', 'There is no trigger kind "webhok" (did you mean "webhook"?). Registered: log, webhook.'],
    [
      'constructor',
      'There is no trigger kind "constructor". Registered: log, webhook. One of a plugin is given by --plugin on the command line, or to the registry.',
    ],
    [
      '__proto__',
      'There is no trigger kind "__proto__". Registered: log, webhook. One of a plugin is given by --plugin on the command line, or to the registry.',
    ],
    [
      '',
      'There is no trigger kind "". Registered: log, webhook. One of a plugin is given by --plugin on the command line, or to the registry.',
    ],
    [5, 'kind must be the name of a trigger kind. Registered: log, webhook.'],
    [null, 'kind must be the name of a trigger kind. Registered: log, webhook.'],
  ])('refuses the kind %j', (kind, message) => {
    expect(validate({ config: { a: { ...hook, kind } } })).toEqual({
      triggers: [],
      issues: [{ severity: 'error', code: 'CONFIG_UNKNOWN_KIND', pointer: '/config/a/kind', trigger: 'a', message }],
    });
  });

  it('says so when the default kind is not registered', () => {
    const { issues } = validateTriggers({ config: [hook] }, new TriggerKindRegistry([]));
    expect(issues).toMatchObject([
      {
        pointer: '/config/0/kind',
        message:
          'There is no trigger kind "webhook". Registered: none. One of a plugin is given by --plugin on the command line, or to the registry.',
      },
    ]);
  });

  describe('whose schema is plain JSON', () => {
    const check = (configSchema: object, fields: object) => {
      const open = async () => ({ attempt: async () => ({ outcome: 'delivered' }) as const });
      const schema = configSchema as TObject;
      const page = defineTriggerKind({ contractVersion: 1, kind: 'page', configSchema: schema, describeTarget, open });
      const config = [{ kind: 'page', payloadTemplate: '{}', ...fields }];
      const { triggers, issues } = validateTriggers({ config }, new TriggerKindRegistry([page]));
      return [triggers.map((one) => one.config), issues.map(({ pointer }) => pointer)];
    };
    const describeTarget = () => 'page:';
    const one = { type: 'object', properties: { n: { default: 1 }, note: { type: 'string' } } };

    it('need what is required and has no default, and have defaults filled in, also in objects and lists', () => {
      const properties = {
        room: { type: 'string' },
        port: { default: 1 },
        note: {},
        one,
        all: { type: 'array', items: one },
      };
      const schema = { type: 'object', required: ['room', 'port'], properties };
      expect(check(schema, { room: 'a' })).toEqual([[{ room: 'a', port: 1 }], []]);
      expect(check(schema, { note: 'b' })).toEqual([[], ['/config/0/room']]);
      expect(check(schema, { room: 'a', one: {}, all: [{}, { n: 2 }] })).toEqual([
        [{ room: 'a', port: 1, one: { n: 1 }, all: [{ n: 1 }, { n: 2 }] }],
        [],
      ]);
    });

    it('are never left out in silence for what it says across fields', () => {
      const schema = { type: 'object', properties: { room: {}, port: {} }, dependentRequired: { room: ['port'] } };
      expect(check(schema, { room: 'a' })).toEqual([[], ['/config/0/port']]);
      expect(check(schema, { room: 'a', port: 1 })).toEqual([[{ room: 'a', port: 1 }], []]);
    });
  });

  it('reports what a kind refuses, at its place, and leaves the trigger out', () => {
    const { triggers, issues } = validate({ config: { a: { ...hook, url: 'ftp://a' }, b: hook } });
    expect(issues).toEqual([
      {
        severity: 'error',
        code: 'CONFIG_KIND_REFUSED',
        pointer: '/config/a/url',
        trigger: 'a',
        message: 'url must be https.',
      },
    ]);
    expect(triggers.map(({ configuredName }) => configuredName)).toEqual(['b']);
  });

  it('keeps a trigger that its kind only warns of', () => {
    const { triggers, issues } = validate({ config: [{ ...hook, url: 'http://a' }] });
    expect(issues).toMatchObject([{ severity: 'warning', code: 'CONFIG_KIND_REFUSED', pointer: '/config/0/url' }]);
    expect(triggers).toHaveLength(1);
  });

  it('asks a kind only about a configuration that matches its schema', () => {
    expect(issuesOf({ config: [{ ...hook, url: 5 }] })).toMatchObject([{ code: 'CONFIG_INVALID' }]);
  });
});

describe('fields of triggers', () => {
  it.each([
    ['payload_template', 'did you mean "payloadTemplate"?'],
    ['URL', 'did you mean "url"?'],
    ['prefix', 'Known: kind, name, payloadTemplate, timeout, maxAttempts, interval, onFailure, url, method, headers.'],
  ])('refuses the unknown field %j', (field, text) => {
    expect(validate({ config: { a: { ...hook, [field]: 'x' } } })).toEqual({
      triggers: [],
      issues: [
        {
          severity: 'error',
          code: 'CONFIG_UNKNOWN_FIELD',
          pointer: `/config/a/${field}`,
          trigger: 'a',
          message: expect.stringContaining(text),
        },
      ],
    });
  });

  it.each([
    [
      { payloadTemplate: undefined },
      '/payloadTemplate',
      'payloadTemplate is missing (Handlebars template of the payload).',
    ],
    [{ payloadTemplate: 5 }, '/payloadTemplate', 'payloadTemplate must be a string.'],
    [{ url: undefined }, '/url', 'url is missing (where the payload goes).'],
    [{ method: 'GET' }, '/method', 'method must be one of POST, PUT, PATCH.'],
    [{ method: 'post' }, '/method', 'method must be one of POST, PUT, PATCH: write POST.'],
    [{ headers: { A: 5 } }, '/headers/A', 'headers.A must be a string.'],
    [{ headers: { A: null } }, '/headers/A', 'headers.A has no value: it must be a string.'],
    [{ maxAttempts: '3' }, '/maxAttempts', 'maxAttempts must be a whole number.'],
    [{ maxAttempts: -1 }, '/maxAttempts', 'maxAttempts must be at least 0.'],
    [{ maxAttempts: 1.5 }, '/maxAttempts', 'maxAttempts must be a whole number.'],
    [{ maxAttempts: 4_294_967_296 }, '/maxAttempts', 'maxAttempts must be at most 4294967295.'],
    [{ onFailure: 'drop' }, '/onFailure', 'onFailure must be one of block, park.'],
  ])('refuses %j', (fields, place, message) => {
    const trigger = JSON.parse(JSON.stringify({ ...hook, ...fields }));
    expect(validate({ config: [trigger] })).toEqual({
      triggers: [],
      issues: [{ severity: 'error', code: 'CONFIG_INVALID', pointer: `/config/0${place}`, message }],
    });
  });

  it.each([
    ['timeout', 30, 'timeout is a number without a unit: write 30s or 30ms.'],
    ['timeout', -5, 'timeout is no duration: write 30s.'],
    ['timeout', null, 'timeout is no duration: write 30s.'],
    ['timeout', '30', expect.stringMatching(/^timeout: "30" is not a duration: "30" has no unit\. Write a number/)],
    ['timeout', '0s', 'timeout must be longer than nothing. Write a duration such as "30s", or leave it out.'],
    ['timeout', '1ns', 'timeout must be at least 1ms.'],
    ['timeout', '999us', 'timeout must be at least 1ms.'],
    ['interval', '1us', 'interval must be at least 1ms.'],
    ['interval', true, 'interval is no duration: write 30s.'],
    ['interval', 5, 'interval is a number without a unit: write 5s or 5ms.'],
    ['interval', '', expect.stringMatching(/^interval: "" is not a duration: it is empty\./)],
  ])('refuses %s %j, once', (field, value, message) => {
    expect(validate({ config: { a: { ...hook, [field]: value } } })).toEqual({
      triggers: [],
      issues: [
        { severity: 'error', code: 'CONFIG_DURATION_INVALID', pointer: `/config/a/${field}`, trigger: 'a', message },
      ],
    });
  });

  it.each([5, '5', 'x'])('refuses the default interval %j', (interval) => {
    expect(issuesOf({ interval, config: [] })).toMatchObject([
      { severity: 'error', code: 'CONFIG_DURATION_INVALID', pointer: '/interval' },
    ]);
  });

  it('corrects maxAttempts 0 to 1 and interval 0 to none, with a warning each', () => {
    const { triggers, issues } = validate({ config: { a: { ...hook, maxAttempts: 0, interval: '0s' } } });
    expect(triggers).toMatchObject([{ maxAttempts: 1, intervalMs: undefined }]);
    expect(issues).toEqual([
      {
        severity: 'warning',
        code: 'CONFIG_VALUE_CORRECTED',
        pointer: '/config/a/interval',
        trigger: 'a',
        message: 'interval is 0, which means none: every commit is delivered by itself.',
      },
      {
        severity: 'warning',
        code: 'CONFIG_VALUE_CORRECTED',
        pointer: '/config/a/maxAttempts',
        trigger: 'a',
        message: 'maxAttempts is 0, which means 1: there is always one attempt.',
      },
    ]);
  });

  it('collects everything at once', () => {
    const { triggers, issues } = validate({
      interval: 'x',
      other: 1,
      config: [
        { kind: 'x' },
        { ...hook, name: '-', url: 'ftp:', maxAttempts: 0 },
        { timeout: 1, headers: { A: 1, B: 2 } },
        hook,
      ],
    });
    expect(issues.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'CONFIG_UNKNOWN_FIELD /other',
      'CONFIG_DURATION_INVALID /interval',
      'CONFIG_UNKNOWN_KIND /config/0/kind',
      'CONFIG_NAME_INVALID /config/1/name',
      'CONFIG_VALUE_CORRECTED /config/1/maxAttempts',
      'CONFIG_KIND_REFUSED /config/1/url',
      'CONFIG_INVALID /config/2/payloadTemplate',
      'CONFIG_INVALID /config/2/url',
      'CONFIG_INVALID /config/2/headers/A',
      'CONFIG_INVALID /config/2/headers/B',
      'CONFIG_DURATION_INVALID /config/2/timeout',
    ]);
    expect(triggers.map(({ pointer }) => pointer)).toEqual(['/config/3']);
  });
});
