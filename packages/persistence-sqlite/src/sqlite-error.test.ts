import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { storeErrorOf } from './sqlite-error.js';

test.each([
  ['SQLITE_BUSY', 'STORE_LOCKED'],
  ['SQLITE_BUSY_SNAPSHOT', 'STORE_LOCKED'],
  ['SQLITE_LOCKED_SHAREDCACHE', 'STORE_LOCKED'],
  ['SQLITE_PROTOCOL', 'STORE_LOCKED'],
  ['SQLITE_CORRUPT', 'STORE_CORRUPT'],
  ['SQLITE_NOTADB', 'STORE_CORRUPT'],
  ['SQLITE_FULL', 'STORE_UNAVAILABLE'],
  ['SQLITE_READONLY', 'STORE_UNAVAILABLE'],
])('calls %s %s', (code, expected) => {
  const error = storeErrorOf(new Database.SqliteError('no', code), { what: 'write', file: 'state.db', task: 'orders' });
  expect(error).toMatchObject({ code: expected, applied: 'no', message: expect.stringContaining(code) });
});
