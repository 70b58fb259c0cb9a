import { expect, test } from 'vitest';
import { sqlite } from './sqlite-kind.js';

const identityOf = (path: string, table: string) => sqlite.resourceIdentity?.({ path }, { table });

test.each([
  ['a.db', 'T', './a.db', 't'],
  ['data/../a.db', 't', 'a.db', 't'],
])('%s %s and %s %s are one table', (path, table, otherPath, otherTable) => {
  expect(identityOf(path, table)).toBe(identityOf(otherPath, otherTable));
});

test.each([
  ['a.db', 't', 'b.db', 't'],
  ['a.db', 't', 'a.db', 'u'],
  ['A.db', 't', 'a.db', 't'],
  // SQLite knows the case of ASCII letters alone.
  ['a.db', 'É', 'a.db', 'é'],
  ['a.db","t', 'u', 'a.db', 't","u'],
])('%s %s and %s %s are two tables', (path, table, otherPath, otherTable) => {
  expect(identityOf(path, table)).not.toBe(identityOf(otherPath, otherTable));
});

test('how the rows are kept is no difference', () => {
  expect(
    sqlite.resourceIdentity?.({ path: 'a.db', runtimeCheckpointOwner: 'store' }, { table: 't', delta: true }),
  ).toBe(identityOf('a.db', 't'));
});
