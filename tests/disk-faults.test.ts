import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { DiskBench } from './disk-bench.js';
import { corruptCases } from './disk-corrupt-cases.js';
import type { DiskCase } from './disk-faults.js';
import { foldedLogCases } from './disk-folded-log-cases.js';
import { fileSizeCases, fullDiskCases, StagesHit } from './disk-full-cases.js';
import { lockedCases } from './disk-locked-cases.js';
import { logCases } from './disk-log-cases.js';
import { readOnlyCases } from './disk-read-only-cases.js';

// Cases that wait for a lock need no processor: they wait beside the others, of which three run at once.
vi.setConfig({ maxConcurrency: 24 });

let bench: DiskBench;

beforeAll(async () => {
  bench = await DiskBench.start();
});

afterAll(async () => {
  await bench.stop();
});

function table(cases: readonly DiskCase[]): void {
  for (const { title, run } of cases) {
    test(title, async ({ skip }) => {
      const missing = await run(bench);
      skip(missing !== undefined, missing);
    });
  }
}

describe.concurrent('a database that is locked by another process is waited for, and then given up', () => {
  table(lockedCases());
});

describe.concurrent('a full disk ends a run, and the next one goes on when there is room', () => {
  const stagesHit = new StagesHit();
  describe('at all sizes', () => table(fullDiskCases(stagesHit)));

  test.sequential('every stage was hit', ({ skip }) => {
    skip(stagesHit.isEmpty, 'nothing can be mounted here');
    stagesHit.expectAll();
  });
});

describe.concurrent('files that may not grow end a run, and the next one goes on when they may', () => {
  table(fileSizeCases());
});

describe.concurrent('what cannot be written ends a run, and the next one goes on when it can', () => {
  table(readOnlyCases());
});

describe.concurrent('a damaged database is told, and the next run goes on from a sound one', () => {
  table(corruptCases());
});

describe.concurrent('a log that lost its end loses nothing, or it is said', () => {
  table([...logCases(), ...foldedLogCases()]);
});
