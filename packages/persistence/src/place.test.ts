import { expect, it } from 'vitest';
import { placeBehind, runIdOfPlace } from './place.js';

const runId = '2024-06-15T12:30:00.000000Z';

it('behind a window there is room for many, in order, and in front of every later run id', () => {
  const places = [runId];
  for (let count = 0; count < 12_000; count += 1) places.push(placeBehind(places.at(-1) ?? ''));
  expect([...places, '2024-06-15T12:30:00.000001Z'].sort()).toEqual([...places, '2024-06-15T12:30:00.000001Z']);
  expect(new Set(places).size).toBe(12_001);
});

it('a place says behind which run id it is', () => {
  expect(runIdOfPlace(runId)).toBe(runId);
  expect(runIdOfPlace(placeBehind(placeBehind(runId)))).toBe(runId);
});
