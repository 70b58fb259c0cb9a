import { expect, test } from 'vitest';
import type { PostgresConfig, PostgresResource } from './postgres-config.js';
import { postgres } from './postgres-kind.js';

const endpoint = { address: 'db', database: 'shop', user: 'writer' };

function identityOf(config: Partial<PostgresConfig>, resource: Partial<PostgresResource>): string | undefined {
  return postgres.resourceIdentity?.({ ...endpoint, ...config }, { table: 't', ...resource });
}

type Side = [config: Partial<PostgresConfig>, resource: Partial<PostgresResource>];

test.each<[Side, Side]>([
  [
    [{}, {}],
    [{ address: 'db:5432', schema: 'public' }, { schema: 'public' }],
  ],
  [
    [{ address: 'db' }, {}],
    [{ address: 'DB' }, {}],
  ],
  [
    [{ address: '[::1]' }, {}],
    [{ address: '[::1]:5432' }, {}],
  ],
  [
    [{ schema: 'sales' }, {}],
    [{ schema: 'other' }, { schema: 'sales' }],
  ],
  [
    [{ user: 'one', password: 's3cret' }, { delta: true }],
    [{ user: 'other', tls: { mode: 'off' } }, {}],
  ],
])('%j and %j are one table', (left, right) => {
  expect(identityOf(...left)).toBe(identityOf(...right));
});

test.each<[Side, Side]>([
  [
    [{}, {}],
    [{ address: 'db:5433' }, {}],
  ],
  [
    [{}, {}],
    [{ address: '/run/postgresql' }, {}],
  ],
  [
    [{}, {}],
    [{ database: 'SHOP' }, {}],
  ],
  [
    [{}, {}],
    [{}, { schema: 'sales' }],
  ],
  [
    [{}, {}],
    [{}, { table: 'T' }],
  ],
])('%j and %j are two tables', (left, right) => {
  expect(identityOf(...left)).not.toBe(identityOf(...right));
});

test('no secret, and nobody who connects, is a part of it', () => {
  expect(identityOf({ password: 's3cret' }, {})).not.toMatch(/s3cret|writer/);
});

test('the path of a resource begins with its schema, where it names one', () => {
  expect(postgres.resourcePath({ table: 't' })).toEqual(['t']);
  expect(postgres.resourcePath({ table: 't', schema: 'sales' })).toEqual(['sales', 't']);
});
