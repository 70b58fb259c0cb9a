import { copyFile, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { seededRandom } from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { RunResult } from './aftercommit-run.js';
import type { DiskBench } from './disk-bench.js';
import { expectAllThere, expectComplete, expectFailure, repeatedDeliveries } from './disk-checks.js';
import type { DiskCase } from './disk-faults.js';
import { type DatabaseName, type DiskTask, type Owner, triggerNames } from './disk-task.js';

const pageSize = 4096;

/** What somebody, or a disk, does to a file that nobody has open. */
type Damage = {
  what: string;
  /**
   * - `corrupt`: the file is told from a sound one.
   * - `gone`: it is as good as a new one, and whatever was in it is not there.
   */
  leaves: 'corrupt' | 'gone';
  damage: (file: string) => Promise<void>;
};

const damages: readonly Damage[] = [
  {
    what: 'its header is overwritten',
    leaves: 'corrupt',
    damage: async (file) => await overwrite(file, 0, noise(100)),
  },
  {
    what: 'a page in the middle is noise',
    leaves: 'corrupt',
    damage: async (file) => await overwrite(file, pageOf(file, middleTable) * pageSize, noise(pageSize)),
  },
  {
    what: 'a page of a table is zeroed',
    leaves: 'corrupt',
    damage: async (file) => await overwrite(file, pageOf(file, lastTable) * pageSize, Buffer.alloc(pageSize)),
  },
  { what: 'its second half is missing', leaves: 'corrupt', damage: halve },
  { what: 'a text is in its place', leaves: 'corrupt', damage: async (file) => await writeFile(file, 'my notes\n') },
  { what: 'it is empty', leaves: 'gone', damage: async (file) => await truncate(file) },
  { what: 'the database of another application is in its place', leaves: 'gone', damage: replaceByOther },
];

/** Files that were sound when the last run ended. */
export function corruptCases(): DiskCase[] {
  const cases: DiskCase[] = [];
  for (const [index, damage] of damages.entries()) {
    for (const database of ['state', 'endpoint'] as const) {
      for (const [parity, owner] of (['endpoint', 'store'] as const).entries()) {
        // A state that is not believed is not believed whoever has the runtime checkpoint.
        if (database === 'state' && damage.leaves === 'corrupt' && index % 2 !== parity) continue;
        cases.push({
          title: `the ${database}: ${damage.what}, runtime checkpoint in the ${owner}`,
          run: async (bench) => await meetDamage(bench, damage, database, owner),
        });
      }
    }
  }
  return cases;
}

async function meetDamage(
  bench: DiskBench,
  { leaves, damage }: Damage,
  database: DatabaseName,
  owner: Owner,
): Promise<undefined> {
  const task = await bench.begunTask(owner);
  try {
    const file = task.fileOf(database);
    const sound = `${file}.sound`;
    await copyFile(file, sound);
    await damage(file);
    const result = await task.run();
    if (leaves === 'gone' && database === 'state' && owner === 'endpoint') {
      await expectTakenOver(task, result);
      return;
    }
    expectFailure(task, result, leaves === 'corrupt' ? corrupt(database) : gone(database, owner));
    // Nothing was read from a database that is not believed: nothing was delivered.
    for (const trigger of triggerNames) {
      const { perDocument } = await task.deliveries(trigger);
      expect(perDocument.reduce((sum, count) => sum + count)).toBe(40);
    }
    await restore(file, sound);
    await expectComplete(task, await task.run());
    expect(await repeatedDeliveries(task)).toBe(0);
  } finally {
    await task.remove();
  }
}

function corrupt(database: DatabaseName): Parameters<typeof expectFailure>[2] {
  const code = database === 'state' ? 'STORE_CORRUPT' : 'ENDPOINT_CORRUPT';
  return { code, database, saying: /[Rr]estore the file from a copy/ };
}

/** The other database is sound, and knows of what is not there. */
function gone(database: DatabaseName, owner: Owner): Parameters<typeof expectFailure>[2] {
  const isStagingLost = database === 'endpoint' && owner === 'store';
  return {
    code: isStagingLost ? 'ENDPOINT_LOST_STAGING' : 'CHECKPOINT_DIVERGED',
    saying: /[Rr]estore the one that is wrong.*accept/,
  };
}

/** An endpoint that has the runtime checkpoint has the last window too: it is delivered once more, under its key. */
async function expectTakenOver(task: DiskTask, { exitCode, stderr, events }: RunResult): Promise<void> {
  expect({ exitCode, opened: events[0] }).toMatchObject({ exitCode: 0, opened: { runtimeCheckpoint: 'taken-over' } });
  expect(stderr).toContain("goes on from the endpoint's runtime checkpoint; the store's was another or none");
  await expectAllThere(task);
  expect(await repeatedDeliveries(task)).toBe(triggerNames.length);
}

async function restore(file: string, sound: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
  await copyFile(sound, file);
}

const middleTable = `name IN ('aftercommit_task', 'stations')`;
const lastTable = `name IN ('aftercommit_entry', 'aftercommit_table')`;

/** The number, from 0, of the page where a table begins. */
function pageOf(file: string, condition: string): number {
  const database = new Database(file, { readonly: true });
  try {
    const select = `SELECT rootpage - 1 FROM sqlite_schema WHERE type = 'table' AND ${condition}`;
    return database.prepare<[], number>(select).pluck().get() ?? Number.NaN;
  } finally {
    database.close();
  }
}

async function overwrite(file: string, position: number, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.write(bytes, 0, bytes.length, position);
  } finally {
    await handle.close();
  }
}

async function halve(file: string): Promise<void> {
  const { length } = await readFile(file);
  await truncate(file, Math.floor(length / 2 / pageSize) * pageSize);
}

async function replaceByOther(file: string): Promise<void> {
  await rm(file);
  const database = new Database(file);
  database.exec(`CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')`);
  database.close();
}

function noise(length: number): Buffer {
  const random = seededRandom('noise');
  return Buffer.from(Array.from({ length }, () => Math.floor(random.fraction() * 256)));
}
