import { Logger, run } from 'graphile-worker';
import pg from 'pg';
import type { Contender } from './contender.js';
import { type Facts, factsOf, renderByHand } from './payload.js';
import { undiciClient } from './post.js';
import { WaitingFor } from './waiting-for.js';

type Job = { url: string; key: string; facts: Facts };

const silent = new Logger(() => () => undefined);

/** One statement is one transaction, in one round trip: the checkpoint, and a job for each trigger. */
const commit = `WITH written AS (
  INSERT INTO graphile_checkpoint VALUES ($1, $2) ON CONFLICT (task) DO UPDATE SET value = excluded.value
) SELECT count(graphile_worker.add_job('deliver', job)) FROM json_array_elements($3::json) AS job`;

export const graphileWorker: Contender = {
  name: 'graphile-worker',
  needs: 'postgres',
  choices:
    'PostgreSQL over a Unix socket, synchronous_commit on. Jobs are added in the transaction of the checkpoint, in one statement; the worker is woken by ' +
    'NOTIFY. Beyond one task what its documentation recommends for throughput: a local queue, and completions in batches (delay 0); ' +
    'with one task both would only delay. Completed jobs are deleted, which is the clear. Delivered with undici.',
  async open({ tasks, triggerUrls, servers }) {
    const concurrency = tasks * triggerUrls(0).length;
    const pgPool = new pg.Pool({ ...servers.postgres, max: Math.min(concurrency, 16) + 4 });
    await pgPool.query(`DROP SCHEMA IF EXISTS graphile_worker CASCADE; DROP TABLE IF EXISTS graphile_checkpoint;
      CREATE TABLE graphile_checkpoint (task integer PRIMARY KEY, value text NOT NULL)`);
    const client = undiciClient();
    const waiting = new WaitingFor();
    // Both are asked for by the worker: a connection that breaks fails the benchmark.
    pgPool.on('error', (error) => waiting.failed(error));
    pgPool.on('connect', (connection) => connection.on('error', (error) => waiting.failed(error)));
    const batching = { localQueue: { size: concurrency + 1 }, completeJobBatchDelay: 0 };
    const runner = await run({
      pgPool,
      concurrency,
      noHandleSignals: true,
      logger: silent,
      ...(concurrency > 1 && { preset: { worker: batching } }),
      taskList: {
        async deliver(payload) {
          const { url, key, facts } = payload as Job;
          await client.post(url, renderByHand(facts), key);
        },
      },
    });
    // Emitted once the job is deleted.
    runner.events.on('job:complete', ({ job, error }) => {
      const { key, url } = job.payload as Job;
      if (error) waiting.failed(error);
      else waiting.done(key + url);
    });
    return {
      async run({ task, number, committing, committed }) {
        committing?.();
        const facts = factsOf(task, number);
        const key = `${task}-${number}`;
        const jobs = triggerUrls(task).map((url) => ({ url, key, facts }));
        const cleared = jobs.map((job) => waiting.key(job.key + job.url));
        const values = [task, JSON.stringify({ offset: number }), JSON.stringify(jobs)];
        await pgPool.query({ name: 'commit', text: commit, values });
        committed?.();
        await Promise.all(cleared);
      },
      async close() {
        await runner.stop();
        await pgPool.end();
        await client.close();
      },
    };
  },
};
