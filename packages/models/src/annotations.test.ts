import Type from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { annotated, protectedFields, secretValues, withoutSecrets, withSecretsAbsent } from './annotations.js';

const secretText = annotated(Type.String(), { secret: true });

const schema = Type.Object({
  url: Type.String(),
  template: annotated(Type.String(), { nonsensitive: true }),
  headers: Type.Optional(Type.Record(Type.String(), secretText)),
  login: Type.Optional(
    Type.Object({ user: Type.String(), password: secretText, hint: annotated(Type.String(), { nonsensitive: true }) }),
  ),
  keys: Type.Optional(Type.Array(Type.Object({ id: Type.String(), value: secretText }))),
});

const config = {
  url: 'https://example.com',
  template: '{}',
  headers: { Authorization: 'Bearer a', 'X-Key': 'b', 'X-Same': 'b', 'X-Empty': '' },
  login: { user: 'ada', password: 'c', hint: 'h' },
  keys: [
    { id: 'one', value: 'd' },
    { id: 'two', value: 'e' },
  ],
};

describe('annotated', () => {
  it('leaves the schema it was given as it was', () => {
    const plain = Type.String({ title: 'Token' });
    expect(annotated(plain, { secret: true })).toMatchObject({ type: 'string', title: 'Token', secret: true });
    expect(plain).not.toHaveProperty('secret');
  });

  it('leaves an optional field optional', () => {
    const object = Type.Object({ token: annotated(Type.Optional(Type.String()), { secret: true }) });
    expect(Value.Check(object, {})).toBe(true);
    expect(secretValues(object, { token: 'a' })).toEqual(['a']);
  });

  it('leaves the defaults inside a schema alone', () => {
    const inner = Type.Object({ size: Type.Number({ default: 3 }) }, { default: {} });
    const object = Type.Object({ inner: annotated(inner, { nonsensitive: true }) });
    expect(Value.Default(object, {})).toEqual({ inner: { size: 3 } });
  });
});

describe('secretValues', () => {
  it('finds each secret once, in the order of the document', () => {
    expect(secretValues(schema, config)).toEqual(['Bearer a', 'b', 'c', 'd', 'e']);
  });

  it('finds everything below a secret location, whatever its type', () => {
    const object = Type.Object({ key: annotated(Type.Unknown(), { secret: true }) });
    expect(secretValues(object, { key: { pin: 1234, on: true, none: null, parts: ['x', ['y']] } })).toEqual([
      '1234',
      'true',
      'x',
      'y',
    ]);
  });

  it.each([
    ['a union of values', Type.Union([Type.Null(), secretText])],
    ['a union in a union', Type.Union([Type.Null(), Type.Union([Type.Number(), secretText])])],
    ['an intersection', Type.Intersect([Type.String(), secretText])],
    ['oneOf of another author', Type.Unsafe<string>({ oneOf: [{ type: 'number' }, { type: 'string', secret: true }] })],
  ])('finds a secret that only one reading of %s calls so', (_what, token) => {
    const object = Type.Object({ token });
    expect(secretValues(object, { token: 'a' })).toEqual(['a']);
    expect(withoutSecrets(object, { token: 'a' })).toEqual({ token: null });
  });

  it('finds secrets in every alternative of a union of objects', () => {
    const object = Type.Object({
      auth: Type.Union([
        Type.Object({ type: Type.Literal('basic'), password: secretText }),
        Type.Object({ type: Type.Literal('token'), token: secretText }),
      ]),
    });
    expect(secretValues(object, { auth: { type: 'basic', password: 'a' } })).toEqual(['a']);
    expect(secretValues(object, { auth: { type: 'token', token: 'b' } })).toEqual(['b']);
  });

  it('finds secrets in tuples, by their place', () => {
    const object = Type.Object({ pair: Type.Tuple([Type.String(), secretText]) });
    expect(secretValues(object, { pair: ['name', 'a'] })).toEqual(['a']);
    expect(withoutSecrets(object, { pair: ['name', 'a'] })).toEqual({ pair: ['name', null] });
  });

  it('finds secrets under additionalProperties, and not in the fields beside them', () => {
    const object = Type.Object({ name: Type.String() }, { additionalProperties: secretText });
    expect(secretValues(object, { name: 'n', other: 'a' })).toEqual(['a']);
  });

  it('applies each pattern of a record to the names that it matches', () => {
    const object = Type.Unsafe<Record<string, string>>({
      type: 'object',
      patternProperties: { '^x-': { type: 'string', secret: true } },
      additionalProperties: { type: 'string' },
    });
    expect(secretValues(object, { 'x-key': 'a', plain: 'b' })).toEqual(['a']);
  });

  it.each(['__proto__', 'constructor', 'toString', '', 'a/b', 'line\nbreak', '0'])(
    'finds the secret under %j',
    (name) => {
      const value = JSON.parse(`{"headers":{${JSON.stringify(name)}:"a"}}`);
      expect(secretValues(schema, value)).toEqual(['a']);
      expect(JSON.stringify(withoutSecrets(schema, value))).toBe(`{"headers":{${JSON.stringify(name)}:null}}`);
    },
  );

  it('takes no field for annotated because objects have a method of its name', () => {
    const object = Type.Object({}, { additionalProperties: secretText });
    expect(secretValues(object, { constructor: 'a' })).toEqual(['a']);
    expect(secretValues(Type.Object({}), { constructor: 'a' })).toEqual([]);
  });

  it.each([[undefined], [null], ['text'], [7], [[]]])('finds nothing in %j, which is no configuration', (value) => {
    expect(secretValues(schema, value)).toEqual([]);
  });
});

describe('protectedFields', () => {
  it('keeps what anybody may read and nobody may change without the key: names, and values that are not secret', () => {
    expect(protectedFields(schema, config)).toEqual({
      url: 'https://example.com',
      headers: { Authorization: null, 'X-Key': null, 'X-Same': null, 'X-Empty': null },
      login: { user: 'ada', password: null },
      keys: [
        { id: 'one', value: null },
        { id: 'two', value: null },
      ],
    });
  });

  it('is the same whatever the secrets and the nonsensitive fields are', () => {
    const other = { ...config, template: '[]', headers: { ...config.headers, Authorization: 'Bearer z' } };
    expect(protectedFields(schema, other)).toEqual(protectedFields(schema, config));
  });

  it('keeps the name of a field that one reading calls secret and another nonsensitive', () => {
    const object = Type.Object({ token: Type.Union([secretText, annotated(Type.Null(), { nonsensitive: true })]) });
    expect(protectedFields(object, { token: 'a' })).toEqual({ token: null });
  });

  it('keeps a field that no schema describes', () => {
    expect(protectedFields(schema, { unknown: 1 })).toEqual({ unknown: 1 });
  });
});

describe('withoutSecrets', () => {
  it('keeps everything but the secrets, and changes nothing in place', () => {
    const before = structuredClone(config);
    expect(withoutSecrets(schema, config)).toMatchObject({ template: '{}', login: { password: null, hint: 'h' } });
    expect(config).toEqual(before);
  });

  it('hides a secret location as a whole', () => {
    const object = Type.Object({ key: annotated(Type.Object({ pem: Type.String() }), { secret: true }) });
    expect(withoutSecrets(object, { key: { pem: 'a' } })).toEqual({ key: null });
  });

  it.each([[null], ['text'], [7], [[1, 2]]])('gives %j back as it is', (value) => {
    expect(withoutSecrets(schema, value)).toEqual(value);
  });
});

describe('withSecretsAbsent', () => {
  it('leaves out every secret with its name, at any depth, and changes nothing in place', () => {
    const before = structuredClone(config);
    const { url, template } = config;
    const absent = {
      url,
      template,
      headers: {},
      login: { user: 'ada', hint: 'h' },
      keys: [{ id: 'one' }, { id: 'two' }],
    };
    expect(withSecretsAbsent(schema, config)).toEqual(absent);
    expect(withSecretsAbsent(Type.Array(secretText), ['a', 'b'])).toEqual([]);
    expect(config).toEqual(before);
  });
});
