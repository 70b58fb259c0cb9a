import { expect, it } from 'vitest';
import { ordinalTasks } from './ordinal-tasks.js';

const tasks = Array.from({ length: 1_000 }, (_none, index) => `acmeCo/task-${index}`);
const ownersAmong = (of: number): Map<string, number> =>
  new Map(
    Array.from({ length: of }, (_none, ordinal) =>
      ordinalTasks(tasks, { ordinal, of }).map((task) => [task, ordinal] as const),
    ).flat(),
  );

it('gives every task to one process', () => {
  const counts = Array.from({ length: 5 }, (_none, ordinal) => ordinalTasks(tasks, { ordinal, of: 5 }).length);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_000);
  expect(ownersAmong(5).size).toBe(1_000);
  for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(45);
});

it('moves tasks to a new process alone', () => {
  const before = ownersAmong(4);
  const moved = [...ownersAmong(5)].filter(([task, owner]) => before.get(task) !== owner);
  expect(moved.every(([, owner]) => owner === 4)).toBe(true);
  expect(moved.length).toBeLessThan(245);
});

it('gives all tasks to one that is alone', () => {
  expect(ordinalTasks(tasks, { ordinal: 0, of: 1 })).toEqual(tasks);
});
