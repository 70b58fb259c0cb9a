import type { Json } from '@aftercommit/models';
import { expect, it } from 'vitest';
import { readOutboxRequest } from './outbox-request.js';

it.each<[Json]>([
  [{ request: 'replay', outbox: 'dbt', keys: ['msg_1', 'msg_2'] }],
  [{ request: 'drop', outbox: 'dbt', keys: 'all' }],
  [{ request: 'drop-outbox', outbox: 'dbt' }],
])('understands %j', (message) => {
  expect(readOutboxRequest(message)).toEqual(message);
});

it.each<[Json]>([
  ['replay'],
  [null],
  [[]],
  [{}],
  [{ request: 'replay', outbox: 'dbt' }],
  [{ request: 'replay', outbox: 'dbt', keys: 'some' }],
  [{ request: 'replay', outbox: 'dbt', keys: [] }],
  [{ request: 'replay', outbox: 'dbt', keys: ['msg_1', 2] }],
  [{ request: 'replay', keys: 'all' }],
  [{ request: 'burn', outbox: 'dbt', keys: 'all' }],
  [{ request: 'drop-outbox', outbox: 7 }],
])('does not guess what %j could mean', (message) => {
  expect(readOutboxRequest(message)).toBeUndefined();
});
