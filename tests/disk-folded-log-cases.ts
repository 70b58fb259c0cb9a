import { rm, stat, truncate } from 'node:fs/promises';
import { expect } from 'vitest';
import type { RunResult } from './aftercommit-run.js';
import type { DiskBench } from './disk-bench.js';
import { expectFailure } from './disk-checks.js';
import { readings } from './disk-documents.js';
import type { DiskCase } from './disk-faults.js';
import { expectNothingLost, killInRun } from './disk-log-cases.js';
import { DiskTask, type Owner, triggerNames } from './disk-task.js';

/** In which delivery the log of the endpoint is one that was just folded into the file, and not begun anew yet. */
const deliveries: Record<Owner, number> = { endpoint: 4, store: 2 };

/**
 * SQLite believes a log more than the file: the pages of a log that was cut are older than those of the file that it was
 * folded into, and the database is a mixture of both. Nobody can mend that; but it must not pass for a sound one.
 */
export function foldedLogCases(): DiskCase[] {
  return (['endpoint', 'store'] as const).map((owner) => ({
    title: `the log of the endpoint is cut after it was folded into the file, runtime checkpoint in the ${owner}`,
    run: async (bench) => await cutFoldedLog(bench, owner),
  }));
}

async function cutFoldedLog(bench: DiskBench, owner: Owner): Promise<undefined> {
  // 1.2 MB for each transaction and table.
  const task = await DiskTask.create(bench, owner, readings(60, 30_000));
  try {
    await killInRun(bench, task, deliveries[owner]);
    const file = task.fileOf('endpoint');
    expect((await stat(file)).size, 'the log was folded into the file').toBeGreaterThan(2 ** 20);
    await truncate(`${file}-wal`, Math.floor((await stat(`${file}-wal`)).size * 0.8));
    await expectNoMixture(task, await task.run());
  } finally {
    await task.remove();
  }
}

/** Either nothing is lost, or it is said: at the latest when what does not fit was accepted. */
async function expectNoMixture(task: DiskTask, result: RunResult): Promise<void> {
  if (result.exitCode === 0) {
    await expectNothingLost(task, result, false);
    return;
  }
  const accepted = isCorrupt(result) ? result : await task.run({ args: ['--accept-endpoint'] });
  if (result !== accepted) expectFailure(task, result, { code: /^(CHECKPOINT_DIVERGED|ENDPOINT_LOST_STAGING)$/ });
  if (accepted.exitCode === 0) {
    await expectRows(task);
    return;
  }
  expectFailure(task, accepted, {
    code: 'ENDPOINT_CORRUPT',
    database: 'endpoint',
    saying: /restore the file from a copy/,
  });
  await beginAgain(task);
}

function isCorrupt({ events }: RunResult): boolean {
  return events.some(({ code }) => code === 'ENDPOINT_CORRUPT');
}

async function expectRows(task: DiskTask): Promise<void> {
  const { stations, log = [] } = task.tables();
  expect(stations).toEqual(task.wantedTables()['stations']);
  expect(new Set(log.map(({ reading }) => reading)).size).toBe(task.documents.length);
  for (const trigger of triggerNames) expect((await task.deliveries(trigger)).perDocument).not.toContain(0);
}

/** There is no copy: everything is read again. */
async function beginAgain(task: DiskTask): Promise<void> {
  for (const name of ['state', 'endpoint'] as const) {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${task.fileOf(name)}${suffix}`, { force: true });
  }
  expect(await task.run()).toMatchObject({ exitCode: 0, stderr: '' });
  expect(task.tables()).toEqual(task.wantedTables());
}
