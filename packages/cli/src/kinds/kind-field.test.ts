import { annotated } from '@aftercommit/registry';
import Type, { type TObject } from 'typebox';
import { expect, test } from 'vitest';
import { kindFields } from './kind-field.js';

/** What is told of each field, in few words. */
function told(schema: TObject): string[] {
  return kindFields(schema).map((field) => {
    const { name, type, isRequired, isSecret, limits } = field;
    const marks = [...(isRequired ? ['required'] : []), ...(isSecret ? ['secret'] : []), ...limits];
    return [
      `${name}: ${type}`,
      ...marks,
      ...('default' in field ? [`default ${JSON.stringify(field.default)}`] : []),
    ].join('; ');
  });
}

test('tells the type, whether it is needed, its default and its limits', () => {
  const schema = Type.Object({
    host: Type.String({ default: 'localhost' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    share: Type.Optional(Type.Number({ minimum: 0 })),
    isFast: Type.Optional(Type.Boolean()),
    mode: Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Literal('c')]),
    size: Type.Union([Type.Integer(), Type.String({ pattern: '^big$' })]),
  });
  expect(told(schema)).toEqual([
    'host: text; default "localhost"',
    'port: integer; required; 1 to 65535',
    'share: number; at least 0',
    'isFast: true or false',
    'mode: a, b or c; required',
    'size: integer or text; required; matches ^big$',
  ]);
});

test('tells what is below a field: of objects, of maps and of lists', () => {
  const schema = Type.Object({
    tls: Type.Optional(Type.Object({ ca: Type.String(), key: annotated(Type.String(), { secret: true }) })),
    headers: Type.Record(Type.String(), annotated(Type.String(), { secret: true }), { default: {} }),
    hosts: Type.Array(Type.String(), { minItems: 1 }),
    peers: Type.Array(Type.Object({ host: Type.String() })),
  });
  expect(told(schema)).toEqual([
    'tls: object',
    'tls.ca: text; required',
    'tls.key: text; required; secret',
    'headers.*: text; secret',
    'hosts: list of text; required; at least 1 entries',
    'peers: list of object; required',
    'peers[].host: text; required',
  ]);
});

test('what is below a secret is secret, and in an alternative, too', () => {
  const login = annotated(Type.Object({ user: Type.String() }), { secret: true });
  const schema = Type.Object({ login, other: Type.Union([Type.String(), login]) });
  expect(told(schema)).toEqual([
    'login: object; required; secret',
    'login.user: text; required; secret',
    'other: text or object; required; secret',
    'other.user: text; required; secret',
  ]);
});

test('what holds a map takes its description along', () => {
  const description = 'Headers of the request.';
  const [headers] = kindFields(Type.Object({ headers: Type.Record(Type.String(), Type.String(), { description }) }));
  expect(headers).toMatchObject({ name: 'headers.*', description });
});
