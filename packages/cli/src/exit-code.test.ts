import { expect, test } from 'vitest';
import { exitCodeOf, type TaskResult } from './exit-code.js';

const done: TaskResult = { result: 'done' };
const left: TaskResult = { result: 'left' };
const parked: TaskResult = { result: 'parked' };
const failed = (code: string): TaskResult => ({ result: 'failed', code });

test.each<[number, string, TaskResult[]]>([
  [0, 'everything was delivered', [done, done]],
  [1, 'one failed', [done, failed('SOURCE_CHANGED')]],
  [1, 'something due was left', [left, done]],
  [4, 'the store was fenced', [done, failed('STORE_FENCED')]],
  [4, 'the endpoint was fenced', [failed('ENDPOINT_FENCED')]],
  [1, 'one was fenced and another failed', [failed('STORE_FENCED'), failed('ENDPOINT_LOCKED')]],
  [1, 'one was fenced and another left something', [failed('STORE_FENCED'), left]],
  [3, 'one has something parked', [done, parked]],
  [4, 'one has something parked and another was fenced', [parked, failed('STORE_FENCED')]],
  [1, 'one has something parked and another failed', [parked, failed('SOURCE_CHANGED')]],
  [1, 'one has something parked and another left something', [parked, left]],
])('is %i when %s', (exitCode, _why, results) => {
  expect(exitCodeOf(results)).toBe(exitCode);
});
