import pg from 'pg';
import PgBoss from 'pg-boss';
import type { Contender } from './contender.js';
import { type Facts, factsOf, renderByHand } from './payload.js';
import { undiciClient } from './post.js';

type Job = { url: string; key: string; facts: Facts };

const putCheckpoint = {
  name: 'checkpoint',
  text: 'INSERT INTO pgboss_checkpoint VALUES ($1, $2) ON CONFLICT (task) DO UPDATE SET value = excluded.value',
};

export const pgBoss: Contender = {
  name: 'pg-boss',
  needs: 'postgres',
  choices:
    'PostgreSQL over a Unix socket, synchronous_commit on. Jobs are sent in the transaction of the checkpoint. Its workers look for jobs every ' +
    'half second at most; fetch and complete are called here right after the commit instead, so nothing waits. One queue ' +
    'for each task, no supervision. Completed is the clear. Delivered with undici.',
  async open({ tasks, triggerUrls, servers }) {
    const pool = new pg.Pool({ ...servers.postgres, max: Math.min(tasks, 16) + 2 });
    await pool.query(`DROP SCHEMA IF EXISTS pgboss CASCADE; DROP TABLE IF EXISTS pgboss_checkpoint;
      CREATE TABLE pgboss_checkpoint (task integer PRIMARY KEY, value text NOT NULL)`);
    const db = { executeSql: (text: string, values: unknown[]) => pool.query(text, values) };
    const boss = new PgBoss({ db, supervise: false, schedule: false });
    await boss.start();
    const queueOf = (task: number): string => `deliver-${task}`;
    for (let task = 0; task < tasks; task += 1) await boss.createQueue(queueOf(task));
    const client = undiciClient();

    async function commit(task: number, number: number, jobs: readonly Job[]): Promise<void> {
      const connection = await pool.connect();
      try {
        await connection.query('BEGIN');
        await connection.query({ ...putCheckpoint, values: [task, JSON.stringify({ offset: number })] });
        const within = { db: { executeSql: (text: string, values: unknown[]) => connection.query(text, values) } };
        for (const job of jobs) await boss.send(queueOf(task), job, within);
        await connection.query('COMMIT');
      } finally {
        connection.release();
      }
    }

    return {
      async run({ task, number, committing, committed }) {
        committing?.();
        const facts = factsOf(task, number);
        const jobs = triggerUrls(task).map((url) => ({ url, key: `${task}-${number}`, facts }));
        await commit(task, number, jobs);
        committed?.();
        const fetched = await boss.fetch<Job>(queueOf(task), { batchSize: jobs.length });
        if (fetched.length !== jobs.length) throw new Error(`pg-boss fetched ${fetched.length} jobs of ${jobs.length}`);
        await Promise.all(
          fetched.map(async ({ id, data: { url, key, facts: stored } }) => {
            await client.post(url, renderByHand(stored), key);
            await boss.complete(queueOf(task), id);
          }),
        );
      },
      async close() {
        await boss.stop({ graceful: false });
        await pool.end();
        await client.close();
      },
    };
  },
};
