import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { bundleProgram } from '../tests/bundle-program.js';
import { mutants } from './mutants.js';
import { mutate } from './mutate.js';
import { tellSeeds } from './tell-seeds.js';

/** So many stories at most are told of each: one that needs more would not be caught in practice. */
const seeds = 6_000;

describe('the simulation catches a runtime that', () => {
  test.each(mutants.map((mutant, index) => ({ ...mutant, index })))('$mistake', async (mutant) => {
    const worker = await bundleProgram('simulation/seed-worker.ts', `mutant-${mutant.index}`, [mutate(mutant)]);

    const { failures } = await tellSeeds({
      worker,
      from: mutant.firstSeed ?? 1,
      seeds,
      processes: availableParallelism(),
      isStoppingAtFailure: true,
    });

    expect(failures.map(({ invariant }) => invariant)).not.toEqual([]);
    for (const { invariant, message } of failures) expect(mutant.breaks, message).toContain(invariant);
  });
});
