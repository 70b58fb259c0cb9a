import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Tests run on the sources (no build, no stale dist) through the packages' own export condition.
const resolve = { conditions: ['aftercommit-source'] };

export default defineConfig({
  ssr: { resolve },
  resolve,
  test: {
    // Also on a developer's machine: a forgotten .only must not pass.
    allowOnly: false,
    // One for each core, where one core less is usual: system tests wait for their processes half of the time.
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,plugins}/*/src/**/*.test.ts'],
          // Unit tests share no state, and loading the packages anew for each file would take longer than all tests.
          isolate: false,
          // What hangs is found all the same; a machine that is busy with something else fails nothing.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts', 'simulation/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
