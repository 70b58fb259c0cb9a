import { existsSync } from 'node:fs';
import { open, rm, stat, truncate } from 'node:fs/promises';
import { expect } from 'vitest';
import type { RunResult } from './aftercommit-run.js';
import type { DiskBench } from './disk-bench.js';
import { expectFailure } from './disk-checks.js';
import { readings } from './disk-documents.js';
import type { DiskCase } from './disk-faults.js';
import { type DatabaseName, DiskTask, type Owner, triggerNames } from './disk-task.js';

// Every frame of every log: AFTERCOMMIT_LOG_CUTS=1000 npx -y pnpm@12 test tests/disk-faults.test.ts
const evenCuts = Number(process.env['AFTERCOMMIT_LOG_CUTS'] ?? 2);

/** A write-ahead log: a header, and frames, each with a header of its own and a page. */
const headerBytes = 32;
const frameBytes = 24 + 4096;

/** What becomes of a log while nobody has it open. SQLite then has no more than the transactions before the damage. */
type Cut = { what: string; cut: (log: string, frames: number) => Promise<void> };

const evenly: readonly Cut[] = Array.from({ length: evenCuts }, (_, index) => {
  const share = (index + 1) / (evenCuts + 1);
  return { what: `cut after ${index + 1}/${evenCuts + 1} of its frames`, cut: cutAt(share, 0) };
});

const cuts: readonly Cut[] = [
  { what: 'removed', cut: async (log) => await rm(log) },
  { what: 'cut to nothing', cut: async (log) => await truncate(log) },
  { what: 'cut to its header', cut: async (log) => await truncate(log, headerBytes) },
  { what: 'cut one byte before the end of a frame', cut: cutAt(0.75, -1) },
  { what: 'cut one byte behind a frame', cut: cutAt(0.4, 1) },
  { what: 'cut in the middle of a frame', cut: cutAt(0.6, frameBytes / 2) },
  { what: 'cut one byte short', cut: cutAt(1, -1) },
  { what: 'changed in its header', cut: async (log) => await flip(log, 17) },
  { what: 'changed in the header of a frame', cut: async (log, frames) => await flip(log, endOf(frames, 0.5) + 9) },
  { what: 'changed in a page', cut: async (log, frames) => await flip(log, endOf(frames, 0.85) + 2000) },
];

/** Moments at which the run was killed. */
type Moment = 'the first run' | 'the second run';

/**
 * One log is damaged: the other database knows more than this one, so either nothing is lost, or it is said. Both are: what
 * they agree on may be an older moment, as if both had been restored from copies. Then everything since is read again:
 * rows are as they should be, and documents are delivered again, under new keys.
 */
export function logCases(): DiskCase[] {
  const cases: DiskCase[] = [];
  let index = 0;
  for (const cut of [...evenly, ...cuts]) {
    for (const databases of [['state'], ['endpoint'], ['state', 'endpoint']] as const) {
      // Each cut of each log meets one owner and one moment: all of them would be four times as many.
      const owner = index % 2 === 0 ? 'endpoint' : 'store';
      const moment = Math.floor(index / 2) % 2 === 0 ? 'the first run' : 'the second run';
      index += 1;
      cases.push({
        title: `the log of ${databases.join(' and ')} is ${cut.what}, ${moment} was killed, runtime checkpoint in the ${owner}`,
        run: async (bench) => await meetCut(bench, { cut, databases, owner, moment }),
      });
    }
  }
  return cases;
}

type Meeting = { cut: Cut; databases: readonly DatabaseName[]; owner: Owner; moment: Moment };

async function meetCut(bench: DiskBench, { cut, databases, owner, moment }: Meeting): Promise<undefined> {
  const task =
    moment === 'the first run' ? await DiskTask.create(bench, owner, readings(60)) : await bench.begunTask(owner);
  try {
    await killInRun(bench, task, moment === 'the first run' ? 4 : 2);
    for (const database of databases) await damageLog(task, database, cut);
    await expectNothingLost(task, await task.run(), databases.length > 1);
  } finally {
    await task.remove();
  }
}

/** Kills it when so many deliveries of one trigger have arrived, and the last one was not answered. */
export async function killInRun(bench: DiskBench, task: DiskTask, count: number): Promise<void> {
  const path = task.pathOf('dbt');
  await bench.receiver.respond(path, [...Array.from({ length: count - 1 }, () => ({})), { hang: true }]);
  const arrived = bench.receiver.waitFor(count, path);
  const killed = await task.run({
    onEvent: ({ event }, process) => {
      if (event === 'opened') void arrived.then(() => process.kill('SIGKILL'));
    },
  });
  expect(killed).toMatchObject({ exitCode: null, stderr: '' });
  task.leftUnanswered('dbt', count - 1);
  await bench.receiver.respond(path, [{}]);
}

async function damageLog(task: DiskTask, database: DatabaseName, { cut }: Cut): Promise<void> {
  const log = `${task.fileOf(database)}-wal`;
  expect(existsSync(log)).toBe(true);
  await cut(log, Math.floor(((await stat(log)).size - headerBytes) / frameBytes));
}

/** Goes on and everything is there, or says that something does not fit, and goes on when it is told to. */
export async function expectNothingLost(task: DiskTask, result: RunResult, isDeliveredAgain: boolean): Promise<void> {
  if (result.exitCode === 0) {
    expect(task.tables()).toEqual(task.wantedTables());
    await expectDelivered(task, isDeliveredAgain ? /^[1-9]$/ : /^1$/);
    return;
  }
  expectFailure(task, result, { code: /^(CHECKPOINT_DIVERGED|ENDPOINT_LOST_STAGING)$/, saying: /accept/ });
  expect(result.events.map(({ event }) => event)).toEqual(['failed', 'ended']);
  expect(result.stderr).toContain('--accept-endpoint');

  expect(await task.run({ args: ['--accept-endpoint'] })).toMatchObject({ exitCode: 0 });
  const { stations, log = [] } = task.tables();
  expect(stations).toEqual(task.wantedTables()['stations']);
  // Read again, and appended once more where rows were there: the message says so.
  expect(new Set(log.map(({ reading }) => reading)).size).toBe(task.documents.length);
  await expectDelivered(task, /^[1-9]$/);
}

/** @param times In how many deliveries each document has to be. */
async function expectDelivered(task: DiskTask, times: RegExp): Promise<void> {
  for (const trigger of triggerNames) {
    const { perDocument } = await task.deliveries(trigger);
    const wrong = perDocument.flatMap((count, reading) => (times.test(String(count)) ? [] : [{ reading, count }]));
    expect(wrong, trigger).toEqual([]);
  }
}

/** @param share Of the frames. */
function cutAt(share: number, bytes: number): Cut['cut'] {
  return async (log, frames) => await truncate(log, endOf(frames, share) + bytes);
}

function endOf(frames: number, share: number): number {
  return headerBytes + Math.floor(frames * share) * frameBytes;
}

async function flip(log: string, position: number): Promise<void> {
  const handle = await open(log, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, position);
    await handle.write(Buffer.of((byte[0] ?? 0) ^ 0x5a), 0, 1, position);
  } finally {
    await handle.close();
  }
}
