import { join } from 'node:path';
import { better, defineQueue } from 'plainjob';
import type { Contender } from './contender.js';
import { openDurably } from './floor.js';
import { type Facts, factsOf, renderByHand } from './payload.js';
import { undiciClient } from './post.js';

type Job = { url: string; facts: Facts };

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

export const plainjob: Contender = {
  name: 'plainjob',
  choices:
    'SQLite in WAL mode; it sets synchronous NORMAL, which loses acknowledged commits in a power cut, so FULL is set again. The job is ' +
    'added in the transaction of the checkpoint. Its worker looks for jobs every pollIntervall; its calls are made ' +
    'here right after the commit instead, so nothing waits. One job type for each task. Delivered with undici.',
  async open({ folder, triggerUrls }) {
    const database = openDurably(join(folder, 'plainjob.db'));
    const queue = defineQueue({ connection: better(database), logger: silent });
    database.pragma('synchronous = FULL');
    database.exec('CREATE TABLE checkpoint (task INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT');
    const putCheckpoint = database.prepare(
      'INSERT INTO checkpoint VALUES (?, ?) ON CONFLICT (task) DO UPDATE SET value = excluded.value',
    );
    const client = undiciClient();
    const commit = database.transaction((task: number, number: number, jobs: readonly Job[]) => {
      putCheckpoint.run(task, JSON.stringify({ offset: number }));
      for (const job of jobs) queue.add(`deliver-${task}`, job);
    });
    const workOn = async (type: string, key: string): Promise<void> => {
      const taken = queue.getAndMarkJobAsProcessing(type);
      const job = taken && queue.getJobById(taken.id);
      if (job === undefined) throw new Error(`plainjob has no job of type ${type}`);
      const { url, facts }: Job = JSON.parse(job.data);
      await client.post(url, renderByHand(facts), key);
      queue.markJobAsDone(job.id);
    };
    return {
      async run({ task, number, committing, committed }) {
        committing?.();
        const facts = factsOf(task, number);
        const jobs = triggerUrls(task).map((url) => ({ url, facts }));
        commit.immediate(task, number, jobs);
        committed?.();
        await Promise.all(jobs.map(() => workOn(`deliver-${task}`, `${task}-${number}`)));
      },
      async close() {
        queue.close();
        await client.close();
        if (database.open) database.close();
      },
    };
  },
};
