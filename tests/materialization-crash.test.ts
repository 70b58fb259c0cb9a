import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from '@aftercommit/models';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { type Receiver, seededRandom, startReceiver } from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandLineRun } from './aftercommit-run.js';
import { MaterializationCrashStory, type StoryPlace } from './materialization-crash-story.js';

// More with: AFTERCOMMIT_KILLS=200 AFTERCOMMIT_SEED=7 npx -y pnpm@12 test tests/materialization-crash.test.ts
const kills = Number(process.env['AFTERCOMMIT_KILLS'] ?? 16);
const seed = Number(process.env['AFTERCOMMIT_SEED'] ?? Date.now() % 1_000_000);

let receiver: Receiver;
let folder: string;

beforeAll(async () => {
  receiver = await startReceiver();
  folder = await mkdtemp(join(tmpdir(), 'materialization-crash-'));
});

afterAll(async () => {
  await receiver.stop();
  await rm(folder, { recursive: true });
});

describe.each(['endpoint', 'store'] as const)('with the runtime checkpoint at the %s', (owner) => {
  test(
    `${kills} kills at random moments lose nothing, and store nothing twice (seed ${seed})`,
    async () => {
      const { fraction } = seededRandom(`${owner} ${seed}`);
      const tally = { kills: 0, betweenCommitAndClear: 0, duplicates: 0 };
      while (tally.kills < kills) {
        let database = '';
        const story = await MaterializationCrashStory.begin(folder, receiver, fraction, (directory) => {
          database = join(directory, 'views.db');
          return fileIn(directory, owner);
        });
        while (await runAndMaybeKill(story, tally.kills < kills)) {
          tally.kills += 1;
          if (await story.hasWindows()) tally.betweenCommitAndClear += 1;
        }
        tally.duplicates += await story.checkDeliveries();
        await story.checkRows();
        checkIntegers(database);
      }
      console.log(
        `${owner}: ${tally.kills} kills, ${tally.betweenCommitAndClear} of them between a commit and its clear, ` +
          `${tally.duplicates} duplicate deliveries (seed ${seed})`,
      );
      expect(tally.betweenCommitAndClear * 3).toBeGreaterThanOrEqual(tally.kills);
    },
    60_000 + kills * 5_000,
  );
});

/** Tables in one database file, and the state in another one. */
function fileIn(directory: string, owner: string): StoryPlace {
  return {
    endpoint: { sqlite: { path: 'views.db', runtimeCheckpointOwner: owner } },
    args: [],
    async openStore() {
      const state = join(directory, '.aftercommit', 'state.db');
      return existsSync(state) ? SqliteStore.open(state) : undefined;
    },
    async rows(table) {
      const database = new Database(join(directory, 'views.db'), { readonly: true });
      try {
        return database
          .prepare<[], string>(`SELECT flow_document FROM "${table}" ORDER BY id, n`)
          .pluck()
          .all()
          .map((text) => parseDocument(text));
      } finally {
        database.close();
      }
    },
  };
}

/** Kills the run a random while after its first sign of life; false: it ended by itself before. */
async function runAndMaybeKill(story: MaterializationCrashStory, mayKill: boolean): Promise<boolean> {
  const kill = (run: CommandLineRun): void => void run.process.kill('SIGKILL');
  const { exitCode, stderr } = await story.run(mayKill ? kill : undefined);
  if (exitCode !== null) expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return exitCode === null;
}

function checkIntegers(file: string): void {
  const database = new Database(file, { readonly: true });
  try {
    expect(database.prepare('SELECT DISTINCT typeof(big) FROM orders').pluck().all()).toEqual(['integer']);
    expect(database.prepare('SELECT DISTINCT big FROM log').safeIntegers().pluck().all()).toEqual([9007199254740993n]);
  } finally {
    database.close();
  }
}
