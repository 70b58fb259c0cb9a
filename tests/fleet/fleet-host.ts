/**
 * A host with a commit loop of its own, as one of many: it shares tasks with the others, and each transaction of a task is one
 * of PostgreSQL, which has the host's rows, the position and the windows of the triggers. It is killed, frozen and cut off.
 */
import { compileTriggers } from '@aftercommit/delivery';
import { PostgresStore, writeWithin } from '@aftercommit/persistence-postgres';
import { type Assignment, PostgresCoordinator, type RunEnd } from '@aftercommit/persistence-postgres/coordination';
import { type Clock, TriggerKindRegistry } from '@aftercommit/registry';
import { systemClock, TriggerSession } from '@aftercommit/runtime-adapter';
import { webhook } from '@aftercommit/webhook';
import pg from 'pg';
import type { HostOptions } from './host-options.js';

const options: HostOptions = JSON.parse(process.argv[2] ?? '');
const clock: Clock = { ...systemClock, now: () => Date.now() + options.clockSkewMs };

import { appendFileSync } from 'node:fs';

const dbg = (m: string) => appendFileSync(`/tmp/hostlog-${process.pid}.log`, `${new Date().toISOString()} ${m}\n`);
const say = (event: object): void => {
  dbg(JSON.stringify(event));
  process.stdout.write(`${JSON.stringify(event)}\n`);
};
const inRun = new Set<string>();

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

const pending = new Set<string>();
let calls = 0;
const tracked = <T extends object>(o: T, name: string): T =>
  new Proxy(o, {
    get(t, k) {
      const v = Reflect.get(t, k, t);
      if (typeof v !== 'function') return v;
      return (...a: unknown[]) => {
        const r = v.apply(t, a);
        if (r instanceof Promise) {
          const id = `${name}.${String(k)}#${calls++}@${new Date().toISOString()}`;
          pending.add(id);
          void r
            .then(
              (x) => x,
              () => undefined,
            )
            .finally(() => pending.delete(id))
            .catch(() => undefined);
          if (k === 'open') return r.then((x) => tracked(x, `${name} ${String(a[0])}`));
        }
        return r;
      };
    },
  });
const rawStore = await openStore();
const store = tracked(rawStore, 'store');
const coordinator = new PostgresCoordinator({
  url: options.url,
  ttlMs: options.ttlMs,
  clock,
  run,
  observe: say,
});
process.once('SIGTERM', () => {
  dbg('SIGTERM');
  void end();
});
process.on('SIGUSR2', () =>
  dbg(JSON.stringify([...inRun]) + JSON.stringify([...pending]) + process.getActiveResourcesInfo().join()),
);
await coordinator.offer(options.tasks);

async function end(): Promise<void> {
  await coordinator.close();
  dbg('coordinator closed');
  await store.close();
  dbg('store closed');
  await pool.end();
  dbg('pool ended');
}

/** The server may be away at this moment. */
async function openStore(): Promise<PostgresStore> {
  for (;;) {
    try {
      return await PostgresStore.open({
        url: options.url,
        connectTimeoutMs: 2_000,
        replyTimeoutMs: 3_000,
        maxConnections: 4,
      });
    } catch (error) {
      say({ event: 'unavailable', reason: String(error) });
      await clock.sleep(100);
    }
  }
}

async function run({ task, stop }: Assignment): Promise<RunEnd> {
  try {
    inRun.add(task);
    await commitAgainAndAgain(task, stop);
    inRun.delete(task);
    return { ended: 'stopped' };
  } catch (error) {
    inRun.delete(task);
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
      await clock.sleep(options.commitEveryMs, stop);
      if (stop.aborted || session.failed.aborted) break;
      inRun.add(task + ' settling');
      await Promise.race([session.settled(), waitFor(stop)]);
      inRun.delete(task + ' settling');
      if (stop.aborted) break;
      await commitOnce(task, session);
      await session.acknowledged();
    }
    await waitFor(stop, session.failed);
  } finally {
    inRun.add(task + ' closing');
    await session.close();
    inRun.delete(task + ' closing');
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
  inRun.add(task + ' connect');
  const client = await pool.connect().finally(() => inRun.delete(task + ' connect'));
  inRun.add(task + ' tx');
  const broken = { by: undefined as Error | undefined };
  const note = (error: Error): void => {
    broken.by = error;
  };
  client.on('error', note);
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO thing (task, number, run_id) VALUES ($1, $2, $3)', [
      task,
      number,
      transaction.runId,
    ]);
    await writeWithin(client, batch);
    if (options.freezeBeforeCommit === `${task}/${number}`) process.kill(process.pid, 'SIGSTOP');
    await client.query('COMMIT');
  } catch (error) {
    note(error instanceof Error ? error : new Error(String(error)));
    throw error;
  } finally {
    inRun.delete(task + ' tx');
    client.off('error', note);
    client.release(broken.by);
  }
}

async function waitFor(...signals: AbortSignal[]): Promise<void> {
  const any = AbortSignal.any(signals);
  if (!any.aborted) await new Promise((resolve) => any.addEventListener('abort', resolve, { once: true }));
}
