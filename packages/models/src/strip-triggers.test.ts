import Type, { type TObject } from 'typebox';
import { describe, expect, it } from 'vitest';
import { annotated } from './annotations.js';
import { restoreConfig, stripConfig } from './strip-config.js';
import { nameTriggers, restoreTriggers, stripTriggers } from './strip-triggers.js';

const secretText = annotated(Type.String(), { secret: true });
const kinds = new Map<string, TObject>([
  [
    'webhook',
    Type.Object({
      url: Type.String(),
      headers: Type.Optional(Type.Record(Type.String(), secretText, { default: {} })),
    }),
  ],
  [
    'queue',
    Type.Object({
      address: Type.String(),
      note: Type.Optional(annotated(Type.String(), { nonsensitive: true })),
      login: Type.Object({
        password: secretText,
        hint: Type.Optional(annotated(Type.String(), { nonsensitive: true })),
      }),
      peers: Type.Optional(
        Type.Array(Type.Object({ host: Type.String(), label: annotated(Type.String(), { nonsensitive: true }) })),
      ),
    }),
  ],
]);
const schemaOf = (kind: string): TObject | undefined => kinds.get(kind);

const triggers = {
  interval: '30m',
  config: {
    dbt: {
      payloadTemplate: '{"a":1}',
      timeout: '10s',
      url: 'https://example.com',
      headers: { Authorization: 's', timeout: 'a header' },
      maxAttempts: 5,
      interval: '1h',
      onFailure: 'park',
    },
    mq: {
      kind: 'queue',
      address: 'mq',
      note: 'n',
      login: { password: 'p', hint: 'h' },
      peers: [
        { host: 'one', label: 'first' },
        { host: 'two', label: 'second' },
      ],
      payloadTemplate: '[]',
    },
  },
};
const stripped = {
  config: {
    dbt: { payloadTemplate: '', url: 'https://example.com', headers: { Authorization: 's', timeout: 'a header' } },
    mq: {
      kind: 'queue',
      address: 'mq',
      login: { password: 'p' },
      peers: [{ host: 'one' }, { host: 'two' }],
      payloadTemplate: '',
    },
  },
};

describe('stripTriggers', () => {
  it('leaves out what may change without the key, at every depth, by the kind of each trigger', () => {
    const before = structuredClone(triggers);
    expect(stripTriggers(triggers, schemaOf)).toEqual(stripped);
    expect(triggers).toEqual(before);
  });

  it('strips a list as it strips a map, and sealed triggers as plain ones', () => {
    const list = { config: Object.values(triggers.config) };
    expect(stripTriggers(list, schemaOf)).toEqual({ config: Object.values(stripped.config) });
    const sealed = {
      config: { dbt: { url: 'u', headers: { A_sops: 'ENC[x]' }, payloadTemplate: '{}', timeout: '1s' } },
      sops: {},
    };
    expect(stripTriggers(sealed, schemaOf)).toEqual({
      config: { dbt: { url: 'u', headers: { A_sops: 'ENC[x]' }, payloadTemplate: '' } },
      sops: {},
    });
  });

  it('keeps the order of fields, and maps as maps', () => {
    const trigger = new Map<string, unknown>([
      ['url', 'u'],
      ['timeout', '1s'],
      ['2', 'x'],
      ['1', 'y'],
    ]);
    const result = stripTriggers(new Map([['config', new Map([['10', trigger]])]]), schemaOf);
    expect(result).toEqual(
      new Map([
        [
          'config',
          new Map([
            [
              '10',
              new Map([
                ['url', 'u'],
                ['2', 'x'],
                ['1', 'y'],
              ]),
            ],
          ]),
        ],
      ]),
    );
  });

  it('adds no template to a trigger without one', () => {
    const config = { a: { kind: 'queue', address: 'mq', login: { password: 'p' }, timeout: '1s' } };
    const bare = stripTriggers({ config }, schemaOf);
    expect(bare).toEqual({ config: { a: { kind: 'queue', address: 'mq', login: { password: 'p' } } } });
    expect(restoreTriggers(bare, { config }, schemaOf)).toEqual({ config });
  });

  it('knows of an unknown kind the common fields', () => {
    const config = { a: { kind: 'pigeon', loft: 'x', payloadTemplate: '{}', timeout: '1s' } };
    expect(stripTriggers({ config }, schemaOf)).toEqual({
      config: { a: { kind: 'pigeon', loft: 'x', payloadTemplate: '' } },
    });
  });

  it.each([[null], ['text'], [[]], [{}], [{ config: null }], [{ config: [null, 'x'] }]])('gives %j back', (value) => {
    expect(stripTriggers(value, schemaOf)).toEqual(value);
  });
});

describe('restoreTriggers', () => {
  it('puts back what was stripped', () => {
    expect(restoreTriggers(stripped, triggers, schemaOf)).toEqual(triggers);
  });

  it('goes by names, never by positions', () => {
    const { dbt, mq } = stripped.config;
    const turned = restoreTriggers({ config: { mq, dbt } }, triggers, schemaOf);
    expect(turned).toEqual(triggers);
    const list = {
      config: [
        { ...triggers.config.mq, name: 'mq' },
        { ...triggers.config.dbt, name: 'dbt' },
      ],
    };
    expect(restoreTriggers(stripped, list, schemaOf)).toEqual({ config: triggers.config });
  });

  it('takes protected and secret fields from the stripped one alone', () => {
    const sealed = { config: { dbt: { payloadTemplate: '', url: 'sealed', headers: { A_sops: 'ENC[x]' } } } };
    const from = { config: { dbt: { ...triggers.config.dbt, url: 'other' }, mq: triggers.config.mq } };
    expect(restoreTriggers(sealed, from, schemaOf)).toEqual({
      config: {
        dbt: {
          payloadTemplate: '{"a":1}',
          url: 'sealed',
          headers: { A_sops: 'ENC[x]' },
          timeout: '10s',
          maxAttempts: 5,
          interval: '1h',
          onFailure: 'park',
        },
      },
    });
  });

  it('keeps the order of what was stripped, since the seal follows it', () => {
    const result = restoreTriggers({ config: { dbt: { url: 'u', payloadTemplate: '' } } }, triggers, schemaOf);
    const { config } = result as { config: { dbt: object } };
    expect(Object.keys(config.dbt)).toEqual([
      'url',
      'payloadTemplate',
      'timeout',
      'maxAttempts',
      'interval',
      'onFailure',
    ]);
  });

  it('refuses a list, whose triggers have no names to go by', () => {
    expect(() => restoreTriggers({ config: [] }, triggers, schemaOf)).toThrow(TypeError);
    expect(() => restoreTriggers(stripped, { config: [triggers.config.dbt] }, schemaOf)).toThrow(
      '/config/0 has no name',
    );
  });
});

describe('nameTriggers', () => {
  const [first, second] = [{ url: 'a' }, { url: 'b', name: 'b' }];

  it('makes a map of a list, by the names it is given or those of the triggers', () => {
    expect(nameTriggers({ interval: '1s', config: [first, second] }, ['one', 'two'])).toEqual({
      interval: '1s',
      config: { one: { url: 'a' }, two: { url: 'b' } },
    });
    expect(nameTriggers({ config: [second] })).toEqual({ config: { b: { url: 'b' } } });
  });

  it('leaves a map as it is', () => {
    expect(nameTriggers(triggers)).toBe(triggers);
  });
});

describe('stripConfig and restoreConfig', () => {
  it('never look inside of a secret', () => {
    const hint = annotated(Type.String(), { nonsensitive: true });
    const schema = Type.Object({ key: annotated(Type.Object({ hint }), { secret: true }) });
    expect(stripConfig(schema, { key: { hint: 'h' } })).toEqual({ key: { hint: 'h' } });
    expect(restoreConfig(schema, { key: { hint: 'h' } }, { key: { hint: 'other' } })).toEqual({ key: { hint: 'h' } });
  });

  it('keep what one reading calls secret and another nonsensitive', () => {
    const schema = Type.Object({ token: Type.Union([secretText, annotated(Type.Null(), { nonsensitive: true })]) });
    expect(stripConfig(schema, { token: 'a' })).toEqual({ token: 'a' });
  });
});
