/**
 * A host with a commit loop of its own, as one of many: it shares tasks with the others, and each transaction of a task is one
 * of PostgreSQL, which has the host's rows, the position and the windows of the triggers. It is killed, frozen and cut off.
 */
import { compileTriggers } from '@aftercommit/delivery';
import { isStoreError } from '@aftercommit/persistence';
import { PostgresStore, writeWithin } from '@aftercommit/persistence-postgres';
import { type Assignment, PostgresCoordinator, type RunEnd } from '@aftercommit/persistence-postgres/coordination';
import { type Clock, TriggerKindRegistry } from '@aftercommit/registry';
import { systemClock, TriggerSession } from '@aftercommit/runtime-adapter';
import { webhook } from '@aftercommit/webhook';
import pg from 'pg';
import type { HostOptions } from './host-options.js';

const options: HostOptions = JSON.parse(process.argv[2] ?? '');
const clock: Clock = { ...systemClock, now: () => Date.now() + options.clockSkewMs };
const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

const collection = 'acmeCo/things';
const triggers = compileTriggers(
  {
    config: {
      hook: {
        url: `${options.receiver}/hook`,
        payloadTemplate: '{"task":"{{materialization_name}}","run":"{{run_id}}","docs":{{docs_total}}}',
        timeout: '2s',
      },
    },
  },
  new TriggerKindRegistry([webhook]),
  { collectionNames: [collection] },
);

const pool = new pg.Pool({
  connectionString: options.url,
  max: 6,
  connectionTimeoutMillis: 2_000,
  query_timeout: 3_000,
  options: '-c idle_in_transaction_session_timeout=1s',
});
pool.on('error', () => undefined);
// Between the pool's own listener and ours there is a moment in which an error would end the process.
pool.on('connect', (client) => void client.on('error', () => undefined));

const store = await whileUnavailable(() =>
  PostgresStore.open({
    url: options.url,
    connectTimeoutMs: 2_000,
    lockTimeoutMs: 2_000,
    replyTimeoutMs: 3_000,
    maxConnections: 4,
  }),
);
const coordinator = new PostgresCoordinator({
  url: options.url,
  ttlMs: options.ttlMs,
  clock,
  run,
  observe: say,
});
process.once('SIGTERM', () => void end());
await whileUnavailable(() => coordinator.offer(options.tasks));

async function end(): Promise<void> {
  await coordinator.close();
  await store.close();
  await pool.end();
}

/** The server may be away at this moment. */
async function whileUnavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isStoreError(error)) throw error;
      say({ event: 'unavailable', reason: error.message });
      await clock.sleep(100);
    }
  }
}

async function run({ task, stop }: Assignment): Promise<RunEnd> {
  try {
    if (options.isIdle === true) await waitFor(stop);
    else await commitAgainAndAgain(task, stop);
    return { ended: 'stopped' };
  } catch (error) {
    return { ended: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function commitAgainAndAgain(task: string, stop: AbortSignal): Promise<void> {
  const session = await TriggerSession.open({
    store,
    materialization: task,
    bindings: [{ collection, resourcePath: ['things'] }],
    triggers,
    retryNow: options.isDraining,
    environment: { clock },
  });
  try {
    await session.acknowledged();
    if (options.isDraining) await Promise.race([session.drained(), waitFor(stop)]);
    while (!stop.aborted && !options.isDraining) {
      // What is being read when it is told to stop is committed first, also by a zombie.
      await clock.sleep(options.commitEveryMs);
      await commitOnce(task, session);
      await session.acknowledged();
    }
    await waitFor(stop, session.failed);
  } finally {
    await session.close();
  }
}

/** One transaction: the next row of the task, the position, and the window. */
async function commitOnce(task: string, session: TriggerSession): Promise<void> {
  const transaction = session.begin();
  const number = Number(session.position ?? 0) + 1;
  transaction.add(0, { bytes: 10 });
  await session.settled();
  const batch = session.newBatch();
  session.stage(transaction, number, batch);
  const client = await pool.connect();
  const broken = { by: undefined as Error | undefined };
  const note = (error: Error): void => {
    broken.by = error;
  };
  client.on('error', note);
  try {
    const beganAt = clock.monotonic();
    await client.query('BEGIN');
    await client.query('INSERT INTO thing (task, number, run_id) VALUES ($1, $2, $3)', [
      task,
      number,
      transaction.runId,
    ]);
    await writeWithin(client, batch);
    if (options.freezeBeforeCommit === `${task}/${number}`) process.kill(process.pid, 'SIGSTOP');
    await client.query('COMMIT');
    say({ event: 'committed', ms: clock.monotonic() - beganAt });
  } catch (error) {
    note(error instanceof Error ? error : new Error(String(error)));
    throw error;
  } finally {
    client.off('error', note);
    client.release(broken.by);
  }
}

async function waitFor(...signals: AbortSignal[]): Promise<void> {
  const any = AbortSignal.any(signals);
  if (!any.aborted) await new Promise((resolve) => any.addEventListener('abort', resolve, { once: true }));
}
