import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, mergePatch, parseDocument } from '@aftercommit/models';
import { auditTask } from '@aftercommit/persistence/audit';
import { readOutboxes } from '@aftercommit/persistence/records';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { type ReceivedRequest, type Receiver, seededRandom, startReceiver } from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAftercommit } from './aftercommit-run.js';

// More with: AFTERCOMMIT_KILLS=200 AFTERCOMMIT_SEED=7 npx -y pnpm@12 test tests/materialization-crash.test.ts
const kills = Number(process.env['AFTERCOMMIT_KILLS'] ?? 16);
const seed = Number(process.env['AFTERCOMMIT_SEED'] ?? Date.now() % 1_000_000);
const docs = 600;

const materializations = ['acmeCo/views/orders', 'acmeCo/views/profiles'];
const triggerNames = ['slack', 'dbt'];
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
      const random = seededRandom(`${owner} ${seed}`);
      const tally = { kills: 0, betweenCommitAndClear: 0, duplicates: 0 };
      while (tally.kills < kills) {
        const directory = await mkdtemp(join(folder, 'story-'));
        const documents = await prepare(directory, owner, random.fraction);
        while (await runAndMaybeKill(directory, random.fraction, tally.kills < kills)) {
          tally.kills += 1;
          if (await hasWindows(directory)) tally.betweenCommitAndClear += 1;
        }
        tally.duplicates += checkDeliveries(await receiver.requests());
        checkRows(directory, documents);
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

/** Two materializations on one database file; one merges, and appends to a log beside it. */
async function prepare(directory: string, owner: string, fraction: () => number): Promise<Document[]> {
  await receiver.clear();
  // Receivers that take their time: most moments lie between a commit and its clear, as in real life.
  for (const [index] of materializations.entries()) {
    await receiver.respond(`/${index}/slack`, [{ delayMs: 5 }]);
    await receiver.respond(`/${index}/dbt`, [{ delayMs: 20 }]);
  }
  const documents = Array.from({ length: docs }, (_, index): Document => {
    const id = fraction() < 0.6 ? index : Math.floor(fraction() * (index + 1));
    const field = `f${Math.floor(fraction() * 4)}`;
    return { id, n: index, [field]: fraction() < 0.2 ? null : { [`g${index % 3}`]: index }, big: 9007199254740993n };
  });
  const lines = documents.map((document) => JSON.stringify(document, (_, value) => asText(value)));
  await writeFile(
    join(directory, 'docs.ndjson'),
    `${lines.join('\n').replaceAll('"9007199254740993"', '9007199254740993')}\n`,
  );
  const endpoint = { sqlite: { path: 'views.db', runtimeCheckpointOwner: owner } };
  const source = { ndjson: 'docs.ndjson' };
  await writeFile(
    join(directory, 'spec.json'),
    JSON.stringify({
      collections: {
        'acmeCo/orders': { key: ['/id'], source },
        'acmeCo/profiles': { key: ['/id'], reduce: 'merge', source },
      },
      materializations: {
        [String(materializations[0])]: {
          endpoint,
          bindings: [{ source: 'acmeCo/orders', resource: { table: 'orders' } }],
          transactions: { maxDocs: 30 },
          triggers: { config: Object.fromEntries(triggerNames.map((name) => trigger(0, name))) },
        },
        [String(materializations[1])]: {
          endpoint,
          bindings: [
            { source: 'acmeCo/profiles', resource: { table: 'profiles' } },
            { source: 'acmeCo/profiles', resource: { table: 'log', delta: true } },
          ],
          transactions: { maxDocs: 25 },
          triggers: { config: Object.fromEntries(triggerNames.map((name) => trigger(1, name))) },
        },
      },
    }),
  );
  return documents;
}

function asText(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function trigger(materialization: number, name: string): [string, object] {
  const payloadTemplate = '{"run": "{{run_id}}", "docs": {{docs_total}}, "tables": {{json resource_paths}}}';
  return [name, { url: `${receiver.url}/${materialization}/${name}`, payloadTemplate }];
}

/** Kills the run a random while after its first sign of life; false: it ended by itself before. */
async function runAndMaybeKill(directory: string, fraction: () => number, mayKill: boolean): Promise<boolean> {
  const afterEvents = Math.floor(fraction() * 50);
  const extraMs = fraction() * 40;
  let seen = 0;
  const run = startAftercommit(['run', join(directory, 'spec.json'), '--json'], {
    onEvent: () => {
      seen += 1;
      if (mayKill && seen === afterEvents) setTimeout(() => run.process.kill('SIGKILL'), extraMs);
    },
  });
  if (mayKill && afterEvents === 0) setTimeout(() => run.process.kill('SIGKILL'), extraMs * 20);
  const { exitCode, stderr } = await run.ended;
  if (exitCode !== null) expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return exitCode === null;
}

async function hasWindows(directory: string): Promise<boolean> {
  const state = join(directory, '.aftercommit', 'state.db');
  // Killed before it made anything.
  if (!existsSync(state)) return false;
  const store = SqliteStore.open(state);
  try {
    for (const task of await store.tasks()) {
      const entries = await store.read(task);
      expect(auditTask(entries).inconsistencies, 'the state is consistent after every kill').toEqual([]);
      const outboxes = entries.filter(([key]) => key.startsWith('outbox/'));
      if (readOutboxes(outboxes).some(({ windows }) => windows.length > 0)) return true;
    }
    return false;
  } finally {
    await store.close();
  }
}

/** Per trigger: all documents once over distinct runs, one key and one content per run, first arrivals in order. */
function checkDeliveries(requests: ReceivedRequest[]): number {
  let duplicates = 0;
  for (const path of materializations.flatMap((_, index) => triggerNames.map((name) => `/${index}/${name}`))) {
    const runs = new Map<string, { key: string | undefined; body: string; docs: number }>();
    for (const { body, idempotencyKey } of requests.filter((request) => request.path === path)) {
      const { run, docs: count }: { run: string; docs: number } = JSON.parse(body);
      const first = runs.get(run);
      if (first === undefined) {
        expect(run > ([...runs.keys()].at(-1) ?? ''), `${path}: first attempts in commit order`).toBe(true);
        runs.set(run, { key: idempotencyKey, body, docs: count });
      } else {
        duplicates += 1;
        expect({ key: idempotencyKey, body }).toEqual({ key: first.key, body: first.body });
      }
    }
    const total = [...runs.values()].reduce((sum, one) => sum + one.docs, 0);
    expect(total, `${path}: documents over distinct runs`).toBe(docs);
  }
  return duplicates;
}

function checkRows(directory: string, documents: Document[]): void {
  const last = new Map<unknown, Document>();
  const merged = new Map<unknown, Document>();
  for (const document of documents) {
    last.set(document['id'], document);
    merged.set(document['id'], mergePatch(merged.get(document['id']), document) as Document);
  }
  const database = new Database(join(directory, 'views.db'), { readonly: true });
  const rows = (table: string): unknown[] =>
    database
      .prepare<[], string>(`SELECT flow_document FROM "${table}" ORDER BY id, n`)
      .pluck()
      .all()
      .map((text) => parseDocument(text));
  try {
    expect(rows('orders')).toEqual(inOrder([...last.values()]));
    expect(rows('profiles')).toEqual(inOrder([...merged.values()]));
    expect(rows('log')).toEqual(inOrder(documents));
    expect(database.prepare('SELECT DISTINCT typeof(big) FROM orders').pluck().all()).toEqual(['integer']);
    expect(database.prepare('SELECT DISTINCT big FROM log').safeIntegers().pluck().all()).toEqual([9007199254740993n]);
  } finally {
    database.close();
  }
}

function inOrder(documents: Document[]): Document[] {
  return [...documents].sort((left, right) => {
    return Number(left['id']) - Number(right['id']) || Number(left['n']) - Number(right['n']);
  });
}
