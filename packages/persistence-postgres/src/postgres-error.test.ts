import { StoreError } from '@aftercommit/persistence';
import { expect, test } from 'vitest';
import { NoReplyError, storeErrorOf } from './postgres-error.js';

const doing = { what: 'write', where: 'PostgreSQL at one', task: 'task', changes: true };

function serverError(code: string): Error {
  return Object.assign(new Error('it says no'), { code, severity: 'ERROR' });
}

test.each([
  ['55P03', 'STORE_LOCKED', 'no'],
  ['40P01', 'STORE_LOCKED', 'no'],
  ['42P01', 'STORE_SCHEMA_UNKNOWN', 'no'],
  ['25006', 'STORE_UNAVAILABLE', 'no'],
  ['53100', 'STORE_UNAVAILABLE', 'no'],
  ['57014', 'STORE_UNAVAILABLE', 'no'],
  ['22000', 'STORE_UNAVAILABLE', 'no'],
  ['XX001', 'STORE_CORRUPT', 'no'],
  // They end the connection, and may come after the commit.
  ['57P01', 'STORE_OUTCOME_UNKNOWN', 'unknown'],
  ['57P02', 'STORE_OUTCOME_UNKNOWN', 'unknown'],
  ['08006', 'STORE_OUTCOME_UNKNOWN', 'unknown'],
  ['58030', 'STORE_OUTCOME_UNKNOWN', 'unknown'],
  ['XX000', 'STORE_OUTCOME_UNKNOWN', 'unknown'],
])('makes of %s of the server: %s, applied: %s', (sqlState, code, applied) => {
  expect(storeErrorOf(serverError(sqlState), doing)).toMatchObject({ code, applied });
});

test('does not know what a socket that broke has done, also when its code looks like one of the server', () => {
  const broken = new NoReplyError('write EPIPE', { cause: Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }) });
  expect(storeErrorOf(broken, doing)).toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN' });
  expect(storeErrorOf(broken, { ...doing, changes: false })).toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

test('lets pass what is a store error already, and what is no failure of PostgreSQL', () => {
  for (const error of [
    new StoreError('STORE_CLOSED', 'closed'),
    new TypeError('odd'),
    Object.assign(new Error(), { code: 'EPIPE' }),
  ]) {
    expect(storeErrorOf(error, doing)).toBe(error);
  }
});
