import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunResult } from './aftercommit-run.js';
import type { DiskBench } from './disk-bench.js';
import { expectComplete, expectFailure, expectNothingAhead, repeatedDeliveries } from './disk-checks.js';
import { readings } from './disk-documents.js';
import type { DiskCase } from './disk-faults.js';
import { fileSizeLimit, mountNamespace, type Surroundings } from './disk-surroundings.js';
import { type DatabaseName, DiskTask, type Owner } from './disk-task.js';

/**
 * A disk of its own over the folder `$1`, of so many KiB. What it holds at the end is copied to the folder `$2`: outside
 * nobody sees the disk, and it vanishes with the command.
 */
const onSmallDisk = `mount -t tmpfs -o "size=$0k,mode=755" none "$1" || exit 99
disk="$1"; copy="$2"; shift 2
"$@"
code=$?
cp -a "$disk/." "$copy/" || exit 98
exit $code`;

/** What was being done when there was no room left, and how its message begins. */
const stages: Readonly<Record<string, string>> = {
  'opening the state': 'Cannot open the store',
  'writing the state': 'Cannot write task',
  'opening the endpoint': 'cannot open ',
  'the commit of the endpoint': 'cannot commit to ',
  staging: 'cannot stage a transaction in ',
  'the apply of what was staged': 'cannot apply a staged transaction to ',
};

const clearing = 'clearing what was delivered';

/** The stages that were hit, over all sizes: each must be, or the sizes do not go with what is written any more. */
export class StagesHit {
  readonly #hit = new Set<string>();

  /** Whether nothing was. */
  get isEmpty(): boolean {
    return this.#hit.size === 0;
  }

  note({ events }: RunResult, repeated: number): void {
    const { reason = '' } = events.find(({ event }) => event === 'failed') ?? {};
    const [stage] = Object.entries(stages).find(([, words]) => reason.includes(words)) ?? [];
    if (stage !== undefined) this.#hit.add(stage);
    if (repeated > 0) this.#hit.add(clearing);
  }

  expectAll(): void {
    expect([...this.#hit].sort()).toEqual([...Object.keys(stages), clearing].sort());
  }
}

/** In KiB: below what the databases need in the end. */
const diskSizes: Record<DatabaseName, Record<Owner, readonly number[]>> = {
  state: { endpoint: [4, 20, 44, 60, 76, 92, 116, 124, 132], store: [68, 84, 132, 140] },
  endpoint: { endpoint: [12, 76, 84, 108, 204], store: [28, 60, 84, 100, 124, 140, 236, 300] },
};

/** Disks that fill up, at several sizes; and what is left of the room for a transaction with large documents. */
export function fullDiskCases(hit: StagesHit): DiskCase[] {
  const cases: DiskCase[] = [];
  for (const database of ['state', 'endpoint'] as const) {
    for (const owner of ['endpoint', 'store'] as const) {
      const sizes = diskSizes[database][owner].map((size) => ({ size, padding: 0 }));
      // A transaction of 1.2 MB in two tables: the log is folded into the file while it is running.
      const large = database === 'endpoint' ? [{ size: 7000, padding: 30_000 }] : [];
      for (const { size, padding } of [...sizes, ...large]) {
        cases.push({
          title: `a disk of ${size} KiB for the ${database}, runtime checkpoint in the ${owner}`,
          run: async (bench) => await fillDisk(bench, { database, owner, size, padding, hit }),
        });
      }
    }
  }
  return cases;
}

type Filling = { database: DatabaseName; owner: Owner; size: number; padding: number; hit: StagesHit };

async function fillDisk(
  bench: DiskBench,
  { database, owner, size, padding, hit }: Filling,
): Promise<string | undefined> {
  const task = await DiskTask.create(bench, owner, readings(60, padding));
  try {
    const disk = task.folderOf(database);
    const copy = join(task.folder, 'copy');
    await mkdir(copy);
    const surroundings = mountNamespace(onSmallDisk, String(size), disk, copy);
    if ('missing' in surroundings) return surroundings.missing;
    const full = await task.run(surroundings);
    const code = database === 'state' ? /^STORE_(UNAVAILABLE|OUTCOME_UNKNOWN)$/ : /^ENDPOINT_UNAVAILABLE$/;
    expectFailure(task, full, { code, database, saying: /full|room/ });
    // Room is made: a disk that is not full has the same files.
    await rm(disk, { recursive: true });
    await rename(copy, disk);
    hit.note(full, await expectGoesOn(task, full));
  } finally {
    await task.remove();
  }
  return undefined;
}

/** Files that may not grow beyond so many KiB, which fails another way: as an error of writing. */
export function fileSizeCases(): DiskCase[] {
  return (['endpoint', 'store'] as const).flatMap((owner) =>
    [12, 36, 72, 108].map((size) => ({
      title: `files of at most ${size} KiB, runtime checkpoint in the ${owner}`,
      run: async (bench) => await limitFiles(bench, owner, fileSizeLimit(size)),
    })),
  );
}

async function limitFiles(bench: DiskBench, owner: Owner, limit: Surroundings): Promise<string | undefined> {
  if ('missing' in limit) return limit.missing;
  const task = await DiskTask.create(bench, owner, readings(60));
  try {
    const limited = await task.run(limit);
    expectFailure(task, limited, { code: /^(STORE|ENDPOINT)_(UNAVAILABLE|OUTCOME_UNKNOWN)$/, saying: /disk/ });
    await expectGoesOn(task, limited);
  } finally {
    await task.remove();
  }
  return undefined;
}

/**
 * The next run brings everything to its end.
 *
 * @returns How many deliveries were repeated: what was accepted and not cleared, because the state could not be written (I7).
 */
async function expectGoesOn(task: DiskTask, { events }: RunResult): Promise<number> {
  if (events.some(({ event }) => event === 'committed')) await expectNothingAhead(task);
  await expectComplete(task, await task.run());
  const repeated = await repeatedDeliveries(task);
  const [{ code = '' } = {}] = events.filter(({ event }) => event === 'failed');
  // Each of the two triggers has one delivery under way.
  expect(repeated).toBeLessThanOrEqual(code.startsWith('STORE_') ? 2 : 0);
  return repeated;
}
