import { expect, test } from 'vitest';
import { parseRetryAfter } from './retry-after.js';

const now = Date.UTC(2024, 5, 15, 12, 0, 0);

test.each([
  ['0', 0],
  ['7', 7000],
  [' 120 ', 120_000],
  ['Sat, 15 Jun 2024 12:00:30 GMT', 30_000],
  ['Saturday, 15-Jun-24 12:00:30 GMT', 30_000],
  ['Sat Jun 15 12:00:30 2024', 30_000],
  ['Sat, 15 Jun 2024 11:59:00 GMT', 0],
  ['99999999999999999999', Number.MAX_SAFE_INTEGER],
  ['9'.repeat(10_000), Number.MAX_SAFE_INTEGER],
  ['0007', 7000],
  ['Fri, 31 Dec 9999 23:59:59 GMT', Date.UTC(9999, 11, 31, 23, 59, 59) - now],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
])('reads %j as %d ms', (header, waitMs) => {
  expect(parseRetryAfter(header, now)).toBe(waitMs);
});

test.each([
  undefined,
  '',
  'soon',
  '-5',
  '1.5',
  '7s',
  '2024-06-15T12:00:30Z',
  '5, 10',
  '+5',
  '1e3',
  '0x10',
  '٥',
  'Infinity',
  'Sat, 99 Jun 2024 12:00:30 GMT',
  'job 5',
])('ignores %j', (header) => {
  expect(parseRetryAfter(header, now)).toBeUndefined();
});
