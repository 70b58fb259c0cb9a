import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { DiskBench } from './disk-bench.js';
import { expectComplete, expectFailure, expectNothingAhead, repeatedDeliveries } from './disk-checks.js';
import { readings } from './disk-documents.js';
import type { DiskCase } from './disk-faults.js';
import { type DatabaseName, DiskTask, type Owner } from './disk-task.js';

/** What this process does with the database while another one runs the task. */
type Lock = { database: DatabaseName; owner: Owner; begin: string; when: 'opening' | 'after the first commit' };

const databases = ['state', 'endpoint'] as const;
const owners = ['endpoint', 'store'] as const;
const moments = ['opening', 'after the first commit'] as const;

/** The state waits 5 s for another process, the endpoint 30 s: these need time, and no processor. */
export function lockedCases(): DiskCase[] {
  const kept = databases.flatMap((database) =>
    owners.flatMap((owner) => moments.map((when): Lock => ({ database, owner, begin: 'BEGIN IMMEDIATE', when }))),
  );
  const whole = databases.map((database): Lock => ({ database, owner: 'store', begin: exclusive, when: 'opening' }));
  const released = databases.flatMap((database) =>
    owners.map((owner): Lock => ({ database, owner, begin: 'BEGIN EXCLUSIVE', when: 'after the first commit' })),
  );
  const fresh = databases.map(
    (database): Lock => ({ database, owner: 'endpoint', begin: 'BEGIN IMMEDIATE', when: 'opening' }),
  );
  return [
    ...[...kept, ...whole].map((lock) => ({
      title: `the ${lock.database} stays locked (${lock.begin}), ${lock.when}, runtime checkpoint in the ${lock.owner}`,
      run: async (bench: DiskBench) => await keepLocked(bench, lock),
    })),
    ...released.map((lock) => ({
      title: `the ${lock.database} is locked for a moment (${lock.begin}), ${lock.when}, runtime checkpoint in the ${lock.owner}`,
      run: async (bench: DiskBench) => await lockForAMoment(bench, lock),
    })),
    ...fresh.map((lock) => ({
      title: `the ${lock.database} is locked for a moment (${lock.begin}) while it is new`,
      run: async (bench: DiskBench) => await lockForAMoment(bench, lock, true),
    })),
  ];
}

/** Nobody else may even read. */
const exclusive = 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE theirs (x); COMMIT';

async function keepLocked(bench: DiskBench, lock: Lock): Promise<undefined> {
  const task = await beginSlowly(bench, await bench.begunTask(lock.owner));
  const holder = new Database(task.fileOf(lock.database));
  try {
    if (lock.when === 'opening') holder.exec(lock.begin);
    const result = await task.run({
      isWaiting: true,
      onEvent: ({ event }) => {
        if (event === 'committed' && lock.when !== 'opening' && !holder.inTransaction) holder.exec(lock.begin);
      },
    });
    const code = lock.database === 'state' ? 'STORE_LOCKED' : 'ENDPOINT_LOCKED';
    expectFailure(task, result, { code, database: lock.database, saying: /end its transaction/ });
    holder.close();
    await expectNothingAhead(task);
    await expectComplete(task, await task.run());
    // I7: what was accepted while the state could not be written.
    expect(await repeatedDeliveries(task)).toBeLessThanOrEqual(lock.database === 'state' ? 2 : 0);
  } finally {
    holder.close();
    await task.remove();
  }
}

/** Shorter than anybody waits: the run goes on as if nothing had been. */
async function lockForAMoment(bench: DiskBench, lock: Lock, isNew = false): Promise<undefined> {
  const begun = isNew ? DiskTask.create(bench, lock.owner, readings(60)) : bench.begunTask(lock.owner);
  const task = await beginSlowly(bench, await begun);
  const holder = new Database(task.fileOf(lock.database));
  const hold = (): void => {
    holder.exec(lock.begin);
    setTimeout(() => holder.close(), 1000);
  };
  try {
    if (lock.when === 'opening') hold();
    const result = await task.run({
      onEvent: ({ event }) => {
        if (event === 'committed' && lock.when !== 'opening' && holder.open && !holder.inTransaction) hold();
      },
    });
    await expectComplete(task, result);
    expect(await repeatedDeliveries(task)).toBe(0);
  } finally {
    holder.close();
    await task.remove();
  }
}

/** Its next delivery takes its time, and so long nothing is written. */
async function beginSlowly(bench: DiskBench, task: DiskTask): Promise<DiskTask> {
  await bench.receiver.respond(task.pathOf('slack'), [{ delayMs: 500 }, {}]);
  return task;
}
