import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from '@aftercommit/models';
import { PostgresStore } from '@aftercommit/persistence-postgres';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { type Receiver, seededRandom, startReceiver } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandLineRun, RunResult } from './aftercommit-run.js';
import { MaterializationCrashStory, type StoryPlace } from './materialization-crash-story.js';
import { missingPostgres, type PostgresServer, startPostgres } from './servers/postgres-server.js';

// More with: AFTERCOMMIT_KILLS=200 AFTERCOMMIT_SEED=7 npx -y pnpm@12 test tests/postgres-crash.test.ts
const kills = Number(process.env['AFTERCOMMIT_KILLS'] ?? 6);
const seed = Number(process.env['AFTERCOMMIT_SEED'] ?? Date.now() % 1_000_000);

let server: PostgresServer;
let receiver: Receiver;
let folder: string;
let databases = 0;

describe.skipIf(missingPostgres !== undefined)('tables in PostgreSQL', () => {
  beforeAll(async () => {
    [server, receiver, folder] = await Promise.all([
      startPostgres(),
      startReceiver(),
      mkdtemp(join(tmpdir(), 'postgres-crash-')),
    ]);
  });

  afterAll(async () => {
    await Promise.all([server.stop(), receiver.stop(), rm(folder, { recursive: true })]);
  });

  test.each(['in the same database', 'in a file'] as const)(
    `with the state %s: ${kills} kills at random moments, of the server too, lose nothing and store nothing twice (seed ${seed})`,
    async (where) => {
      const { fraction } = seededRandom(`${where} ${seed}`);
      const tally = { process: 0, server: 0, duplicates: 0 };
      while (tally.process + tally.server < kills) {
        const story = await MaterializationCrashStory.begin(folder, receiver, fraction, (directory) =>
          placeIn(directory, where),
        );
        for (;;) {
          // Every third time it is the server.
          const left = kills - tally.process - tally.server;
          const victim = left === 0 ? undefined : left % 3 === 0 ? 'server' : 'process';
          if (await endsByItself(story, victim)) break;
          if (victim !== undefined) tally[victim] += 1;
          await story.hasWindows();
        }
        tally.duplicates += await story.checkDeliveries();
        await story.checkRows();
      }
      console.log(
        `the state ${where}: the run was killed ${tally.process} times, and the server ${tally.server} times; ` +
          `${tally.duplicates} duplicate deliveries (seed ${seed})`,
      );
      expect(tally.server).toBe(Math.floor(kills / 3));
    },
    60_000 + kills * 10_000,
  );
});

/** Of each story a database of its own, and the state in there or in a file beside the spec. */
async function placeIn(directory: string, where: 'in the same database' | 'in a file'): Promise<StoryPlace> {
  databases += 1;
  const database = `story_${databases}`;
  const url = await server.createDatabase(database);
  const address = `127.0.0.1:${server.port}`;
  const state = join(directory, '.aftercommit', 'state.db');
  return {
    endpoint: { postgres: { address, database, user: 'postgres' } },
    args: where === 'in a file' ? [] : ['--store', url],
    async openStore() {
      if (where === 'in the same database') return await PostgresStore.open(url);
      return existsSync(state) ? SqliteStore.open(state) : undefined;
    },
    async rows(table) {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        const { rows } = await client.query<{ text: string }>(
          `SELECT flow_document::text AS text FROM "${table}" ORDER BY id, n`,
        );
        return rows.map(({ text }) => parseDocument(text));
      } finally {
        await client.end();
      }
    },
  };
}

/** Whether the run did all that there was, or the victim was killed in the middle of it. */
async function endsByItself(
  story: MaterializationCrashStory,
  victim: 'process' | 'server' | undefined,
): Promise<boolean> {
  let restarting: Promise<void> | undefined;
  const kill = (run: CommandLineRun): void => {
    if (victim === 'process') run.process.kill('SIGKILL');
    else restarting = server.kill().then(() => server.start());
  };
  const result = await story.run(victim && kill);
  await restarting;
  if (result.exitCode === 0) return true;
  if (victim === 'process') expect(result).toMatchObject({ exitCode: null });
  else expectUnavailable(result);
  return false;
}

/** Nothing else than that the server was away. */
function expectUnavailable({ exitCode, events, stderr }: RunResult): void {
  expect(exitCode, stderr).toBe(1);
  const codes = events.filter(({ event }) => event === 'failed').map(({ code }) => code);
  expect(codes, stderr).not.toEqual([]);
  for (const code of codes)
    expect(code, stderr).toMatch(/^(?:ENDPOINT_UNAVAILABLE|STORE_UNAVAILABLE|STORE_OUTCOME_UNKNOWN)$/);
}
