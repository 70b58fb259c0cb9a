import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditTask } from '@aftercommit/persistence/audit';
import { readOutboxes } from '@aftercommit/persistence/records';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { type ReceivedRequest, type Receiver, seededRandom, startReceiver } from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPipeline, weatherDocs } from './pipeline-run.js';

// More with: AFTERCOMMIT_KILLS=300 AFTERCOMMIT_SEED=7 npx -y pnpm@12 test tests/crash.test.ts
const kills = Number(process.env['AFTERCOMMIT_KILLS'] ?? 24);
const seed = Number(process.env['AFTERCOMMIT_SEED'] ?? Date.now() % 1_000_000);

const triggerNames = ['slack', 'dbt', 'airflow'];
let receiver: Receiver;
let folder: string;

beforeAll(async () => {
  receiver = await startReceiver();
  folder = await mkdtemp(join(tmpdir(), 'pipeline-crash-'));
});

afterAll(async () => {
  await receiver.stop();
  await rm(folder, { recursive: true });
});

test(
  `${kills} kills at random moments lose nothing (seed ${seed})`,
  async () => {
    const random = seededRandom(seed);
    const tally = { kills: 0, betweenCommitAndClear: 0, duplicates: 0 };
    for (let story = 1; tally.kills < kills; story += 1) {
      const files = await prepare(story);
      for (;;) {
        const isKilled = await runAndMaybeKill(files, random.fraction, tally.kills < kills);
        if (!isKilled) break;
        tally.kills += 1;
        if (await hasWindows(files.database)) tally.betweenCommitAndClear += 1;
      }
      tally.duplicates += checkStory(await receiver.requests(), files.database);
    }
    console.log(
      `${tally.kills} kills, ${tally.betweenCommitAndClear} of them between a commit and its clear, ` +
        `${tally.duplicates} duplicate deliveries (seed ${seed})`,
    );
    expect(tally.betweenCommitAndClear * 3).toBeGreaterThanOrEqual(tally.kills);
  },
  60_000 + kills * 5_000,
);

async function prepare(story: number): Promise<{ database: string; triggers: string; docs: number }> {
  await receiver.clear();
  // Receivers that take their time: most moments lie between a commit and its clear, as in real life.
  await receiver.respond('/slack', [{ delayMs: 5 }]);
  await receiver.respond('/dbt', [{ delayMs: 25 }]);
  const triggers = join(folder, 'triggers.json');
  await writeFile(triggers, JSON.stringify({ config: Object.fromEntries(triggerNames.map(trigger)) }));
  return { database: join(folder, `story-${story}.db`), triggers, docs: 60 };
}

function trigger(name: string): [string, object] {
  const payloadTemplate = `{"run": "{{run_id}}", "docs": {{docs_total}}, "min": "{{flow_published_at_min}}", "max": "{{flow_published_at_max}}"}`;
  return [name, { url: `${receiver.url}/${name}`, payloadTemplate }];
}

/** Kills the pipeline a random while after its first sign of life; false: it ended by itself before. */
async function runAndMaybeKill(
  files: { database: string; triggers: string; docs: number },
  fraction: () => number,
  mayKill: boolean,
): Promise<boolean> {
  const afterEvents = Math.floor(fraction() * 60);
  const extraMs = fraction() * 40;
  let seen = 0;
  const run = runPipeline(files, () => {
    seen += 1;
    if (mayKill && seen === afterEvents) setTimeout(() => run.process.kill('SIGKILL'), extraMs);
  });
  if (mayKill && afterEvents === 0) setTimeout(() => run.process.kill('SIGKILL'), extraMs * 20);
  const { exitCode, errors } = await run.ended;
  if (exitCode !== null) expect(errors).toBe('');
  return exitCode === null;
}

async function hasWindows(database: string): Promise<boolean> {
  const store = SqliteStore.open(database);
  const entries = await store.read('acmeCo/views/weather');
  await store.close();
  expect(auditTask(entries).inconsistencies, 'the state is consistent after every kill').toEqual([]);
  return readOutboxes(entries.filter(([key]) => key.startsWith('outbox/'))).some(({ windows }) => windows.length > 0);
}

/** Per trigger: all documents once over distinct runs, one key and one content per run, first arrivals in order. */
function checkStory(requests: ReceivedRequest[], database: string): number {
  let duplicates = 0;
  for (const name of triggerNames) {
    const runs = new Map<string, { key: string | undefined; body: string; docs: number }>();
    for (const { path, body, idempotencyKey } of requests.filter((request) => request.path === `/${name}`)) {
      const { run, docs }: { run: string; docs: number } = JSON.parse(body);
      const first = runs.get(run);
      if (first === undefined) {
        const latest = [...runs.keys()].at(-1);
        if (latest !== undefined) expect(run > latest, `${path}: first attempts in commit order`).toBe(true);
        runs.set(run, { key: idempotencyKey, body, docs });
      } else {
        duplicates += 1;
        expect({ key: idempotencyKey, body }, `${path}: a repeated delivery`).toEqual({
          key: first.key,
          body: first.body,
        });
      }
    }
    const total = [...runs.values()].reduce((sum, { docs }) => sum + docs, 0);
    expect(total, `${name}: documents over distinct runs`).toBe(weatherDocs);
    expect(new Set([...runs.values()].map(({ key }) => key)).size).toBe(runs.size);
  }
  const connection = new Database(database, { readonly: true });
  expect(connection.prepare('SELECT count(*) FROM weather').pluck().get()).toBe(weatherDocs);
  connection.close();
  return duplicates;
}
