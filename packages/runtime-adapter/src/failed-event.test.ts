import { StoreError } from '@aftercommit/persistence';
import { expect, it } from 'vitest';
import { failedEvent } from './failed-event.js';

it('tells of an error of ours as it is: it quotes no secret, and its words may be those of one', () => {
  const error = new StoreError('STORE_FENCED', 'acme/orders: another session 1 went on.');
  expect(failedEvent(error, [{ secrets: ['1', 'orders'] }])).toEqual({
    event: 'failed',
    code: 'STORE_FENCED',
    reason: 'acme/orders: another session 1 went on.',
  });
});

it.each([
  [new TypeError('no key in Bearer s3cret-token'), 'UNEXPECTED', 'no key in [redacted]'],
  // Anybody may call an error as ours are called.
  [Object.assign(new Error('s3cret-token'), { code: 'STORE_FENCED' }), 'STORE_FENCED', '[redacted]'],
  [Object.assign(new Error('x'), { code: 's3cret-token' }), '[redacted]', 'x'],
  ['s3cret-token', 'UNEXPECTED', '[redacted]'],
])('takes the secrets of every trigger out of what nobody foresaw: %s', (error, code, reason) => {
  const triggers = [{ secrets: [] }, { secrets: ['Bearer s3cret-token'] }];
  expect(failedEvent(error, triggers)).toEqual({ event: 'failed', code, reason });
});
