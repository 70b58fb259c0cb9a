import { expect, test } from 'vitest';
import { RecentCommits } from './recent-commits.js';

const materialization = 'acme/orders';
const at = '2024-01-01T01:00:00.000Z';
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const runIdOf = (number: number): string => `2024-01-01T00:00:00.${String(number).padStart(6, '0')}Z`;

function commitsOf(count: number): RecentCommits {
  const commits = new RecentCommits();
  for (let number = 0; number < count; number += 1) commits.add({ materialization, runId: runIdOf(number), at }, span);
  return commits;
}

test('a transaction is known by when it committed, and an unknown one by when it began', () => {
  const commits = commitsOf(1);
  expect(commits.timeOf(materialization, runIdOf(0))).toBe(Date.parse(at));
  expect(commits.timeOf(materialization, '2024-01-01T00:30:00.000000Z')).toBe(Date.parse('2024-01-01T00:30:00Z'));
  expect(commits.timeOf('acme/users', runIdOf(0))).toBe(Date.parse('2024-01-01T00:00:00Z'));
});

test('those before the oldest window that is held are forgotten', () => {
  const commits = commitsOf(4);
  commits.trim(materialization, [{ oldestRunId: runIdOf(3) }, { oldestRunId: undefined }, { oldestRunId: runIdOf(2) }]);
  const known = [0, 1, 2, 3].filter((number) => commits.spanOf(materialization, runIdOf(number)) !== undefined);
  expect(known).toEqual([2, 3]);
});

test('none is kept when nothing is held', () => {
  const commits = commitsOf(4);
  commits.trim(materialization, [{ oldestRunId: undefined }]);
  expect(commits.spanOf(materialization, runIdOf(3))).toBeUndefined();
});

test('of a receiver that is down the last thousand are kept', () => {
  const commits = commitsOf(1_001);
  expect(commits.spanOf(materialization, runIdOf(0))).toBeUndefined();
  expect(commits.spanOf(materialization, runIdOf(1))).toEqual(span);
});
