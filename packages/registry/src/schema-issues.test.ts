import Type from 'typebox';
import { Settings } from 'typebox/system';
import { describe, expect, it } from 'vitest';
import { schemaIssues } from './schema-issues.js';

const schema = Type.Object(
  {
    url: Type.String({ description: 'Where the payload goes.' }),
    method: Type.Optional(Type.Enum(['POST', 'PUT'])),
    kind: Type.Optional(Type.Literal('log')),
    count: Type.Optional(Type.Integer({ minimum: 3, maximum: 9 })),
    isFast: Type.Optional(Type.Boolean()),
    title: Type.Optional(Type.String({ minLength: 1 })),
    word: Type.Optional(Type.String({ minLength: 3 })),
    code: Type.Optional(Type.String({ pattern: '^[a-z]+$' })),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    hosts: Type.Optional(Type.Array(Type.String())),
    auth: Type.Optional(Type.Union([Type.Null(), Type.Object({ user: Type.String() })])),
    proxy: Type.Optional(
      Type.Object(
        { host: Type.String({ description: 'Its host.' }), port: Type.Integer() },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

function found(value: unknown, exceptFields?: string[]): string[] {
  return schemaIssues(schema, value, exceptFields).map(({ pointer, message }) => `${pointer}: ${message}`);
}

describe('schemaIssues', () => {
  it('finds nothing in a value that matches', () => {
    expect(found({ url: 'u', method: 'PUT', headers: { a: 'b' }, auth: null, proxy: { host: 'h', port: 1 } })).toEqual(
      [],
    );
  });

  it.each([
    [{}, '/url: url is missing (where the payload goes).'],
    [{ url: 5 }, '/url: url must be a string.'],
    [{ url: 'u', count: 'x' }, '/count: count must be a whole number.'],
    [{ url: 'u', count: 1 }, '/count: count must be at least 3.'],
    [{ url: 'u', count: 10 }, '/count: count must be at most 9.'],
    [{ url: 'u', isFast: 'yes' }, '/isFast: isFast must be true or false.'],
    [{ url: 'u', title: '' }, '/title: title must not be empty.'],
    [{ url: 'u', word: 'ab' }, '/word: word must have at least 3 characters.'],
    [{ url: 'u', count: 3.5 }, '/count: count must be a whole number.'],
    [{ url: 'u', method: 'GET' }, '/method: method must be one of POST, PUT.'],
    [{ url: 'u', kind: 'x' }, '/kind: kind must be "log".'],
    [{ url: 'u', code: '5' }, '/code: code must match pattern "^[a-z]+$".'],
    [{ url: 'u', headers: [] }, '/headers: headers must be an object.'],
    [{ url: 'u', headers: { 'a/b~c': 1 } }, '/headers/a~1b~0c: headers.a/b~c must be a string.'],
    [{ url: 'u', hosts: ['a', null] }, '/hosts/1: hosts.1 has no value: it must be a string.'],
    [{ url: 'u', 'Method: s3cret': 1 }, ': There is no field that begins with "Method" (did you mean "method"?).'],
    [{ url: 'u', auth: 5 }, '/auth: auth has none of the forms that it may have.'],
    [{ url: 'u', auth: { user: 5 } }, '/auth: auth has none of the forms that it may have.'],
    [{ url: 'u', proxy: { port: 1 } }, '/proxy/host: host is missing (its host).'],
    [
      { url: 'u', proxy: { host: 'h', port: 1, prt: 1 } },
      '/proxy/prt: There is no field "prt" (did you mean "port"?).',
    ],
    ['text', ': The trigger must be an object.'],
    [[], ': The trigger must be an object.'],
  ])('says of %j: %s', (value, issue) => {
    expect(found(value)).toEqual([issue]);
  });

  it.each([
    ['The file. Made when there is none.', 'file is missing (the file).'],
    [
      'Handlebars template of the payload. What it renders must be JSON.',
      'file is missing (Handlebars template of the payload).',
    ],
  ])('makes one sentence of what is missing and what that is: %s', (description, message) => {
    const issues = schemaIssues(Type.Object({ file: Type.String({ description }) }), {});
    expect(issues.map((issue) => issue.message)).toEqual([message]);
  });

  it('names an unknown field, and a known one that is close, or else the known ones', () => {
    expect(found({ url: 'u', Method: 'PUT' })).toEqual([
      '/Method: There is no field "Method" (did you mean "method"?).',
    ]);
    expect(found({ url: 'u', other: 'PUT' })).toEqual([
      '/other: There is no field "other". Known: url, method, kind, count, isFast, title, word, code, headers, hosts and 2 more.',
    ]);
  });

  it('says one thing of a field that is misspelt, and looks into it', () => {
    expect(found({ ulr: 'u' })).toEqual(['/ulr: There is no field "ulr" (did you mean "url"?).']);
    expect(found({ ulr: 5 })).toEqual([
      '/ulr: There is no field "ulr" (did you mean "url"?).',
      '/ulr: url must be a string.',
    ]);
    expect(found({ url: 'u', proxi: { prt: 1 } })).toEqual([
      '/proxi: There is no field "proxi" (did you mean "proxy"?).',
      '/proxi/host: host is missing (its host).',
      '/proxi/prt: There is no field "prt" (did you mean "port"?).',
    ]);
  });

  it('does not miss what is there in other words, nor look into it', () => {
    expect(found({ urlText: 5 })).toEqual(['/urlText: There is no field "urlText" (did you mean "url"?).']);
  });

  it.each([
    ['post', 'method must be one of POST, PUT: write POST.'],
    ['POSTT', 'method must be one of POST, PUT (did you mean "POST"?).'],
    ['GET', 'method must be one of POST, PUT.'],
  ])('says which of the allowed values %j is near to, and does not quote it', (method, message) => {
    expect(found({ url: 'u', method })).toEqual([`/method: ${message}`]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('finds the unknown field %j', (name) => {
    const [issue, ...others] = schemaIssues(schema, JSON.parse(`{"url":"u","${name}":"x"}`));
    expect(issue).toMatchObject({ code: 'CONFIG_UNKNOWN_FIELD', pointer: `/${name}` });
    expect(others).toEqual([]);
  });

  it('finds every issue, however many there are', () => {
    const headers = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`h${index}`, index]));
    expect(found({ headers, method: 'GET', count: 1 })).toHaveLength(53);
  });

  it('leaves the settings of TypeBox as they were, also when a value cannot be read', () => {
    const before = { ...Settings.Get() };
    const unreadable = {
      get url(): string {
        throw new Error('unreadable');
      },
    };
    found({});
    expect(() => found(unreadable)).toThrow('unreadable');
    expect(Settings.Get()).toEqual(before);
  });

  it('does not look into fields that somebody else reads', () => {
    expect(found({ url: 5, method: 'GET', headers: { url: 5 } }, ['url'])).toEqual([
      '/method: method must be one of POST, PUT.',
      '/headers/url: headers.url must be a string.',
    ]);
  });
});

describe('fields of which one is needed', () => {
  const either = Type.Object(
    {
      url: Type.Optional(Type.String({ description: 'Where it goes.' })),
      secretUrl: Type.Optional(Type.String()),
      count: Type.Optional(Type.Integer()),
    },
    { additionalProperties: false, oneOf: [{ required: ['url'] }, { required: ['secretUrl'] }] },
  );
  const said = (value: unknown) => schemaIssues(either, value).map(({ pointer, message }) => `${pointer}: ${message}`);

  it('are missing when there is none, and too many when there are two', () => {
    expect(said({ url: 'u' })).toEqual([]);
    expect(said({ secretUrl: 'u' })).toEqual([]);
    expect(said({})).toEqual(['/url: url is missing (where it goes). secretUrl can take its place.']);
    expect(said({ url: 'u', secretUrl: 'u' })).toEqual([
      '/url: Of url and secretUrl only one can be given. Remove the other.',
    ]);
  });

  it('can go with another one', () => {
    const pair = Type.Object(
      {
        certificate: Type.Optional(Type.String()),
        key: Type.Optional(Type.String({ description: 'Its private key.' })),
      },
      { dependentRequired: { certificate: ['key'] } },
    );
    expect(schemaIssues(pair, { certificate: 'c' })).toMatchObject([
      { pointer: '/key', message: 'key is missing (its private key).' },
    ]);
    expect(schemaIssues(pair, { key: 'k' })).toEqual([]);
  });

  it('are not missing where one of them is misspelt', () => {
    expect(said({ scretUrl: 'u' })).toEqual(['/scretUrl: There is no field "scretUrl" (did you mean "secretUrl"?).']);
    expect(said({ uri_text: 'u', address: 'u' })).toHaveLength(3);
    expect(said({ urlText: 'u' })).toEqual(['/urlText: There is no field "urlText" (did you mean "url"?).']);
  });

  it('hide no other issue', () => {
    expect(said({ count: 'x' })).toHaveLength(2);
  });
});
