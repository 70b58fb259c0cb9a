import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Contender } from './contender.js';
import { type Facts, factsOf, renderByHand, taskName } from './payload.js';
import { undiciClient } from './post.js';
import { WaitingFor } from './waiting-for.js';

type Job = { url: string; key: string; facts: Facts };

export const bullmq: Contender = {
  name: 'BullMQ',
  needs: 'redis',
  choices:
    'Redis over a Unix socket with appendonly yes, appendfsync always: what it acknowledged is on the disk. Checkpoint and jobs cannot be ' +
    'one transaction (BullMQ runs scripts of its own), so they are sent together and it does less than the job: a crash ' +
    'between them loses a window. One worker, concurrency for all tasks; finished jobs are removed at once, which is the clear. Delivered with undici.',
  async open({ tasks, triggerUrls, servers }) {
    const path = servers.redis?.socket ?? '';
    const connect = () => new Redis({ path, maxRetriesPerRequest: null });
    const [redis, ofQueue, ofWorker] = [connect(), connect(), connect()];
    await redis.flushall();
    const queue = new Queue<Job>('deliver', { connection: ofQueue });
    const client = undiciClient();
    const waiting = new WaitingFor();
    const concurrency = tasks * triggerUrls(0).length;
    const worker = new Worker<Job>(
      'deliver',
      async ({ data: { url, key, facts } }) => await client.post(url, renderByHand(facts), key),
      { connection: ofWorker, concurrency, removeOnComplete: { count: 0 } },
    );
    // Emitted once the script that finishes the job was answered, and so is durable.
    worker.on('completed', ({ data: { key, url } }) => waiting.done(key + url));
    worker.on('failed', (_, error) => waiting.failed(error));
    worker.on('error', (error) => waiting.failed(error));
    await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
    return {
      async run({ task, number, committing, committed }) {
        committing?.();
        const facts = factsOf(task, number);
        const key = `${task}-${number}`;
        const jobs = triggerUrls(task).map((url) => ({ name: 'deliver', data: { url, key, facts } }));
        const cleared = jobs.map(({ data }) => waiting.key(data.key + data.url));
        const adding = jobs.length === 1 && jobs[0] ? queue.add('deliver', jobs[0].data) : queue.addBulk(jobs);
        await Promise.all([redis.set(`checkpoint:${taskName(task)}`, JSON.stringify({ offset: number })), adding]);
        committed?.();
        await Promise.all(cleared);
      },
      async close() {
        await worker.close();
        await queue.close();
        await client.close();
        for (const connection of [redis, ofQueue, ofWorker]) connection.disconnect();
      },
    };
  },
};
