import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { idempotencyKey, sha256 } from './idempotency-key.js';

const runId = '2024-06-15T12:30:00.000000Z';

it('is the same for the same delivery, also in the next release', () => {
  expect(idempotencyKey('acme/orders', 'dbt', runId)).toBe('msg_8a880d510c3cf6b67bbb499ec0802f32');
  const digest = createHash('sha256').update(`["acme/orders","dbt","${runId}"]`).digest('hex');
  expect(idempotencyKey('acme/orders', 'dbt', runId)).toBe(`msg_${digest.slice(0, 32)}`);
});

it.each([
  ['materialization', 'acme/other', 'dbt', runId],
  ['trigger', 'acme/orders', 'slack', runId],
  ['run id', 'acme/orders', 'dbt', '2024-06-15T12:30:00.000001Z'],
])('is another for another %s', (_part, materialization, trigger, run) => {
  const other = idempotencyKey(materialization, trigger, run);
  expect(other).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(other).not.toBe(idempotencyKey('acme/orders', 'dbt', runId));
});

it('keeps the parts apart', () => {
  expect(sha256(['a', 'b c'])).not.toBe(sha256(['a b', 'c']));
  expect(sha256(['a', 'b'])).not.toBe(sha256(['ab']));
  expect(idempotencyKey('a', 'b', 'c')).not.toBe(idempotencyKey('a","b', '', 'c'));
});
