import { expect, test } from 'vitest';
import { seededRandom } from './seeded-random.js';

const draw = (seed: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: 1000 }, () => random.fraction());
};

test('draws the same for one seed and differs between seeds', () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test('draws fractions from the whole of [0, 1)', () => {
  const fractions = draw(1);
  expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
  expect(Math.min(...fractions)).toBeLessThan(0.05);
  expect(Math.max(...fractions)).toBeLessThan(1);
  expect(Math.max(...fractions)).toBeGreaterThan(0.95);
});

test('makes ids of 32 hex digits, each different', () => {
  const random = seededRandom(1);
  const ids = Array.from({ length: 100 }, () => random.id());
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});
