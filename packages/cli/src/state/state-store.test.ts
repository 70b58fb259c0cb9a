import { describe, expect, it } from 'vitest';
import { storeUrl, withoutPassword } from './state-store.js';

describe('the database that has the state', () => {
  const env = { AFTERCOMMIT_STORE: 'postgres://environment/state' };

  it('is that of --store, before that of the environment', () => {
    expect(storeUrl({ store: 'postgresql://argument/state' }, env)).toBe('postgresql://argument/state');
    expect(storeUrl({}, env)).toBe('postgres://environment/state');
  });

  it('is none where a file is named, or nothing at all', () => {
    expect(storeUrl({ state: 'state.db' }, env)).toBeUndefined();
    expect(storeUrl({}, {})).toBeUndefined();
    expect(storeUrl({}, { AFTERCOMMIT_STORE: '' })).toBeUndefined();
  });

  it('is refused when it is no URL of PostgreSQL, and not quoted', () => {
    expect(() => storeUrl({ store: 'mysql://me:hunter2@host/state' }, {})).toThrow(/^--store is no URL/);
    expect(() => storeUrl({}, { AFTERCOMMIT_STORE: 'hunter2' })).toThrow(
      /^AFTERCOMMIT_STORE is no URL((?!hunter2).)*$/,
    );
  });
});

it.each([
  ['postgres://me:hunter2@host:5432/state', 'postgres://me@host:5432/state'],
  ['postgres://me@host/state', 'postgres://me@host/state'],
  ['postgres://me:hunter2@one:1,two:2/state?sslmode=require', 'postgres://me@one:1,two:2/state?sslmode=require'],
  ['postgres:///state?host=/run&user=me&password=hunter2', 'postgres:///state?host=/run&user=me'],
  ['postgres://host/state?password=hunter2&sslmode=require', 'postgres://host/state?sslmode=require'],
  ['postgres://me:p@ss@host/state', 'postgres://me@host/state'],
  ['postgres://me:hunter2@host/state?user=a@b', 'postgres://me@host/state?user=a@b'],
  ['postgres://host:5432/state?user=a@b', 'postgres://host:5432/state?user=a@b'],
  ['postgres://one:1,two:2/state?user=a@b', 'postgres://one:1,two:2/state?user=a@b'],
  // Characters that should have been written as %23, %2F and %3F.
  ['postgres://me:hun#ter2@host/state', 'postgres://me@host/state'],
  ['postgres://me:hun/ter2@host:5432/state', 'postgres://me@host:5432/state'],
  ['postgres://me:12/3@host/state', 'postgres://me@host/state'],
  ['postgres://me:hunter?2@host/state', 'postgres://me@host/state'],
  ['postgres://host/state?password=hun#ter2', 'postgres://host/state'],
])('%s is shown without its password', (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});
