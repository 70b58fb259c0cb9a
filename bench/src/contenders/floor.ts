import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Contender, Setting, Work } from './contender.js';
import { type Facts, factsOf, renderByHand } from './payload.js';
import { gotClient, type HttpClient, undiciClient } from './post.js';

/** The least that does the job: what somebody would write who needs nothing but this one loop. */
function floor(name: string, choices: string, openClient: () => HttpClient): Contender {
  return {
    name,
    choices,
    async open(setting) {
      return openFloor(setting, openClient());
    },
  };
}

function openFloor({ folder, triggerUrls }: Setting, client: HttpClient) {
  const database = openDurably(join(folder, 'floor.db'));
  database.exec(`CREATE TABLE checkpoint (task INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE outbox (id INTEGER PRIMARY KEY, task INTEGER NOT NULL, url TEXT NOT NULL, window TEXT NOT NULL) STRICT`);
  const putCheckpoint = database.prepare(
    'INSERT INTO checkpoint VALUES (?, ?) ON CONFLICT (task) DO UPDATE SET value = excluded.value',
  );
  const addWindow = database.prepare('INSERT INTO outbox (task, url, window) VALUES (?, ?, ?)');
  const clear = database.prepare('DELETE FROM outbox WHERE id = ?');
  const commit = database.transaction((task: number, number: number, facts: Facts, urls: readonly string[]) => {
    putCheckpoint.run(task, JSON.stringify({ offset: number, runId: facts.run_id }));
    const window = JSON.stringify(facts);
    return urls.map((url) => ({ url, id: addWindow.run(task, url, window).lastInsertRowid }));
  });
  return {
    async run({ task, number, committing, committed }: Work) {
      const urls = triggerUrls(task);
      committing?.();
      const facts = factsOf(task, number);
      const waiting = commit.immediate(task, number, facts, urls);
      committed?.();
      await Promise.all(
        waiting.map(async ({ url, id }) => {
          await client.post(url, renderByHand(facts), `${task}-${number}`);
          clear.run(id);
        }),
      );
    },
    async close() {
      await client.close();
      database.close();
    },
  };
}

/** A commit that returned survives a power cut. */
export function openDurably(path: string): Database.Database {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  return database;
}

export const floorWithGot = floor(
  'floor + got',
  'Hand-written: better-sqlite3 (WAL, synchronous FULL), two tables, statements prepared once, and got.',
  gotClient,
);

export const floorWithUndici = floor(
  'floor + undici',
  'The same with undici, the fastest client there is for Node.',
  undiciClient,
);
