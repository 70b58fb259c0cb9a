import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { bundleProgram } from '../tests/bundle-program.js';
import { failureText } from './failure-text.js';
import { tellSeeds } from './tell-seeds.js';

const from = 1;
const seeds = 3_000;

const title = `no invariant is broken in ${seeds} stories, which reach everything that they are about`;

test(title, { timeout: 900_000 }, async () => {
  const { told, totals, failures } = await tellSeeds({
    worker: await bundleProgram('simulation/seed-worker.ts', 'stories'),
    from,
    seeds,
    processes: availableParallelism(),
    isStoppingAtFailure: false,
  });

  expect(failures.map(failureText).join('\n')).toBe('');
  expect(told).toBe(seeds);
  const neverSeen = Object.entries(totals).flatMap(([sight, times]) => (times === 0 ? sight : []));
  expect(neverSeen).toEqual([]);
});
