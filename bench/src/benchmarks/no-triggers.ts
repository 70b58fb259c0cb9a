import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteStore, writeWithin } from '@aftercommit/persistence-sqlite';
import { openSession } from '../contenders/aftercommit.js';
import { openDurably } from '../contenders/floor.js';
import type { Benchmark } from '../measuring/bench.js';
import { quantile, spreadOf } from '../measuring/statistics.js';
import { number, spread, table } from '../measuring/table.js';

/** One way to commit ten rows and a position. */
type Way = { name: string; commit(position: number): Promise<void>; close(): Promise<void> };

const rowsPerCommit = 10;

export const noTriggers: Benchmark = {
  name: 'no-triggers',
  question:
    'What does a session cost that has no triggers? (Ten rows and the position, in one transaction of the host.)',
  async run(bench) {
    const rounds = bench.isQuick ? 3 : 60;
    const perRound = bench.isQuick ? 10 : 50;
    const without = withoutSession(mkdtempSync(join(bench.folder, 'without-')));
    const ways = [without, await withSession(mkdtempSync(join(bench.folder, 'with-')))];
    const medians = ways.map((): number[] => []);
    for (let round = 0; round <= rounds; round += 1) {
      const times = await timeInTurn(ways, round * perRound, perRound);
      // The first round warms up.
      if (round > 0) for (const [place, all] of times.entries()) medians[place]?.push(quantile(all, 0.5));
    }
    for (const way of ways) await way.close();
    const [withoutMs = [], withMs = []] = medians;
    const ratio = spreadOf(withMs.map((ms, round) => ms / (withoutMs[round] ?? Number.NaN)));
    const addedMs = spreadOf(withMs.map((ms, round) => ms - (withoutMs[round] ?? Number.NaN)));
    const rows = ways.map(({ name }, place) => ({ name, ms: spreadOf(medians[place] ?? []) }));
    const text = [
      table(
        ['', 'ms per commit'],
        rows.map(({ name, ms }) => [name, spread(ms)]),
      ),
      '',
      `With a session to without: ${spread(ratio)}; it adds ${number(addedMs.median * 1000)} µs.`,
    ].join('\n');
    return { text, data: { rows, ratio, addedMs } };
  },
};

/** One commit of each in turn: what else the disk does hits both alike. */
async function timeInTurn(ways: readonly Way[], first: number, count: number): Promise<number[][]> {
  const times = ways.map((): number[] => []);
  for (let position = first; position < first + count; position += 1) {
    for (const offset of ways.keys()) {
      // Now one first, now the other: it matters to a disk what it did right before.
      const place = (offset + position) % ways.length;
      const way = ways[place] as Way;
      const startedAt = performance.now();
      await way.commit(position);
      times[place]?.push(performance.now() - startedAt);
    }
  }
  return times;
}

function openRows(folder: string) {
  const database = openDurably(join(folder, 'rows.db'));
  database.exec(`CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL NOT NULL) STRICT;
    CREATE TABLE checkpoint (task INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT`);
  const upsert = database.prepare('INSERT OR REPLACE INTO orders VALUES (?, ?)');
  const writeRows = (position: number): void => {
    for (let row = 0; row < rowsPerCommit; row += 1) upsert.run((position * rowsPerCommit + row) % 1000, row / 3);
  };
  return { database, writeRows };
}

function withoutSession(folder: string): Way {
  const { database, writeRows } = openRows(folder);
  const putCheckpoint = database.prepare('INSERT OR REPLACE INTO checkpoint VALUES (1, ?)');
  const commit = database.transaction((position: number) => {
    writeRows(position);
    putCheckpoint.run(JSON.stringify({ offset: position }));
  });
  return {
    name: 'without a session: rows and a checkpoint of its own',
    async commit(position) {
      commit.immediate(position);
    },
    async close() {
      database.close();
    },
  };
}

async function withSession(folder: string): Promise<Way> {
  const { database, writeRows } = openRows(folder);
  const store = SqliteStore.open(join(folder, 'rows.db'));
  const session = await openSession(store, 0, []);
  await session.acknowledged();
  const commit = database.transaction((position: number, batch: Parameters<typeof writeWithin>[1]) => {
    writeRows(position);
    writeWithin(database, batch);
  });
  return {
    name: 'with one: rows and writeWithin, no triggers',
    async commit(position) {
      const transaction = session.begin();
      for (let row = 0; row < rowsPerCommit; row += 1) transaction.add(0, { bytes: 100 });
      await session.settled();
      const batch = session.newBatch();
      session.stage(transaction, { offset: position }, batch);
      commit.immediate(position, batch);
      await session.acknowledged();
    },
    async close() {
      await session.close();
      await store.close();
      database.close();
    },
  };
}
