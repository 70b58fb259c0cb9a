import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type Store, type TaskState, WriteBatch } from '@aftercommit/persistence';
import { PostgresStore } from '@aftercommit/persistence-postgres';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import type { Bench, Benchmark } from '../measuring/bench.js';
import { type Spread, spreadOf } from '../measuring/statistics.js';
import { spread, table } from '../measuring/table.js';

type Contestant = {
  readonly name: string;
  readonly sessions: readonly TaskState[];
  readonly rates: number[];
  count: number;
};

export const stores: Benchmark = {
  name: 'stores',
  question: 'How many durable writes does a store do each second, side by side for so many tasks?',
  servers: true,
  async run(bench) {
    const found = [];
    for (const tasks of [1, 16, 64]) found.push({ tasks, rates: await compare(bench, tasks) });
    const names = Object.keys(found[0]?.rates ?? {});
    const rows = found.map(({ tasks, rates }) => [
      String(tasks),
      ...names.map((name) => (rates[name] === undefined ? '–' : spread(rates[name]))),
    ]);
    return { text: table(['tasks', ...names], rows), data: { found } };
  },
};

/** Writes per second of each store, which take turns for slices of time. */
async function compare(bench: Bench, tasks: number): Promise<Record<string, Spread>> {
  const { rounds, sliceMs } = bench.isQuick ? { rounds: 2, sliceMs: 100 } : { rounds: 15, sliceMs: 300 };
  const opened = await openStores(bench, tasks);
  try {
    const contestants: Contestant[] = [];
    for (const [name, store] of Object.entries(opened)) {
      const names = Array.from({ length: tasks }, (_, index) => `task ${index}`);
      const sessions = await Promise.all(names.map((task) => store.open(task, name)));
      contestants.push({ name, sessions, rates: [], count: 0 });
    }
    for (const contestant of contestants) await slice(contestant, sliceMs); // warms up: not counted
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of contestants) contestant.rates.push(await slice(contestant, sliceMs));
    }
    return Object.fromEntries(contestants.map(({ name, rates }) => [name, spreadOf(rates)]));
  } finally {
    await Promise.all(Object.values(opened).map((store) => store.close()));
  }
}

async function openStores({ folder, servers }: Bench, tasks: number): Promise<Record<string, Store>> {
  const sqlite = SqliteStore.open(join(mkdtempSync(join(folder, 'stores-')), 'store.db'));
  if (servers.postgres === undefined) return { SqliteStore: sqlite };
  const postgres = await PostgresStore.open({ client: servers.postgres, schema: `tasks_${tasks}` });
  return { SqliteStore: sqlite, PostgresStore: postgres };
}

/** What a commit with one trigger writes, and what the clear of the one before takes away. */
function batchOf(count: number): WriteBatch {
  const window = { runId: String(count), docs: 3, resource: ['orders'], of: 'x'.repeat(120) };
  return new WriteBatch()
    .requireAbsent(`outbox/1/window/${count}`)
    .put(`outbox/1/window/${count}`, window)
    .put('commit', count)
    .delete(`outbox/1/window/${count - 1}`);
}

async function slice(contestant: Contestant, durationMs: number): Promise<number> {
  const startedAt = performance.now();
  const before = contestant.count;
  await Promise.all(
    contestant.sessions.map(async (session) => {
      while (performance.now() - startedAt < durationMs) {
        contestant.count += 1;
        await session.write(batchOf(contestant.count));
      }
    }),
  );
  return ((contestant.count - before) * 1000) / (performance.now() - startedAt);
}
