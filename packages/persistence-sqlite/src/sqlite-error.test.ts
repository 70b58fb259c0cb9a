import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { commitErrorOf, storeErrorOf } from './sqlite-error.js';

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

const doing = { what: 'write', file: 'state.db', task: 'orders' };

test('says to make room on a disk that is full', () => {
  const full = new Database.SqliteError('full', 'SQLITE_FULL');
  expect(storeErrorOf(full, doing)).toMatchObject({ message: expect.stringMatching(/Make room on the disk$/) });
  expect(commitErrorOf(full, doing)).toMatchObject({
    code: 'STORE_OUTCOME_UNKNOWN',
    message: expect.stringContaining('Make room on the disk, then open the task again'),
  });
});

test.each(['SQLITE_READONLY', 'SQLITE_READONLY_DIRECTORY', 'SQLITE_CANTOPEN'])(
  'names the log beside the file: %s',
  (code) => {
    const error = storeErrorOf(new Database.SqliteError('no', code), doing);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('-wal and -shm') });
  },
);
