import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rmdir } from 'node:fs/promises';
import { expect } from 'vitest';
import type { DiskBench } from './disk-bench.js';
import { expectComplete, expectFailure } from './disk-checks.js';
import { readings } from './disk-documents.js';
import type { DiskCase } from './disk-faults.js';
import { program } from './disk-run.js';
import { mountNamespace, nobody, ordinaryUser } from './disk-surroundings.js';
import { type DatabaseName, DiskTask, type Owner } from './disk-task.js';

/** What keeps a database from being written. */
type Obstacle = {
  what: string;
  /** Whether the first run meets it; otherwise the one after 40 documents. */
  isAtFirst?: boolean;
  place: (task: DiskTask, database: DatabaseName) => Promise<void>;
  remove: (task: DiskTask, database: DatabaseName) => Promise<void>;
};

const obstacles: readonly Obstacle[] = [
  {
    what: 'a file that may only be read',
    place: async (task, database) => await chmod(task.fileOf(database), 0o444),
    remove: async (task, database) => await chmod(task.fileOf(database), 0o644),
  },
  {
    what: 'a file that may not be read',
    place: async (task, database) => await chmod(task.fileOf(database), 0o000),
    remove: async (task, database) => await chmod(task.fileOf(database), 0o644),
  },
  {
    what: 'a folder that may only be read',
    place: async (task, database) => await chmod(task.folderOf(database), 0o555),
    remove: async (task, database) => await chmod(task.folderOf(database), 0o755),
  },
  {
    what: 'a folder that may only be read, and is empty',
    isAtFirst: true,
    place: async (task, database) => await chmod(task.folderOf(database), 0o555),
    remove: async (task, database) => await chmod(task.folderOf(database), 0o755),
  },
  {
    what: 'a folder in the place of the log',
    place: async (task, database) => {
      await mkdir(`${task.fileOf(database)}-wal`);
    },
    remove: async (task, database) => await rmdir(`${task.fileOf(database)}-wal`),
  },
];

/** Permissions, which are for everybody but root; and a disk that is mounted to be read. */
export function readOnlyCases(): DiskCase[] {
  const cases: DiskCase[] = [];
  for (const [index, obstacle] of obstacles.entries()) {
    for (const database of ['state', 'endpoint'] as const) {
      // Who has the runtime checkpoint is no matter here: each meets half of them.
      const owner = (index + (database === 'state' ? 0 : 1)) % 2 === 0 ? 'endpoint' : 'store';
      cases.push({
        title: `${obstacle.what}, for the ${database}, runtime checkpoint in the ${owner}`,
        run: async (bench) => await meetObstacle(bench, obstacle, database, owner),
      });
    }
  }
  for (const database of ['state', 'endpoint'] as const) {
    cases.push({
      title: `a disk that is mounted to be read, for the ${database}`,
      run: async (bench) => await mountReadOnly(bench, database),
    });
  }
  return cases;
}

const codes: Record<DatabaseName, string> = { state: 'STORE_UNAVAILABLE', endpoint: 'ENDPOINT_UNAVAILABLE' };

async function meetObstacle(
  bench: DiskBench,
  obstacle: Obstacle,
  database: DatabaseName,
  owner: Owner,
): Promise<string | undefined> {
  const user = ordinaryUser(program);
  if ('missing' in user) return user.missing;
  const isNew = obstacle.isAtFirst === true;
  const task = isNew ? await DiskTask.create(bench, owner, readings(60)) : await bench.begunTask(owner);
  try {
    if (user.within.length > 0) execFileSync('chown', ['-R', `${nobody}:${nobody}`, task.folder]);
    const files = await readdir(task.folderOf(database));
    await obstacle.place(task, database);
    const refused = await task.run(user);
    expectFailure(task, refused, { code: codes[database], database, saying: /Check (?:the|that)|Give this process/ });
    await obstacle.remove(task, database);
    // Nothing is left that could be in the way of the next run, such as a log that nobody may write.
    expect(await readdir(task.folderOf(database))).toEqual(files);
    await expectComplete(task, await task.run(user));
  } finally {
    await task.remove();
  }
  return undefined;
}

async function mountReadOnly(bench: DiskBench, database: DatabaseName): Promise<string | undefined> {
  const task = await bench.begunTask('endpoint');
  try {
    const remount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
    const mounted = mountNamespace(remount, task.folderOf(database));
    if ('missing' in mounted) return mounted.missing;
    const refused = await task.run(mounted);
    expectFailure(task, refused, { code: codes[database], database, saying: /cannot be written \(EROFS\)/ });
    await expectComplete(task, await task.run());
  } finally {
    await task.remove();
  }
  return undefined;
}
