/**
 * Opens thousands of tasks in one process. `idle` looks at what they cost while nothing happens, then commits one transaction
 * of each and dies before it is acknowledged; `recover` opens the same tasks again, and so delivers what is waiting.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import type { TriggerSession } from '@aftercommit/runtime-adapter';
import { openSession, triggersTo } from '../contenders/aftercommit.js';

/** How many tasks are being opened at one time: more would only wait for each other. */
const openingAtOnce = 64;

const { mode, path, url, tasks, idleMs }: ManyTasksOrder = JSON.parse(process.argv[2] ?? '{}');
const compiling = measureCompiling();
const store = SqliteStore.open(path);
const before = memory();
const startedAt = performance.now();
const startedAtNs = process.hrtime.bigint();
const sessions = await openAll(mode === 'recover');
const openingMs = performance.now() - startedAt;
if (mode === 'idle') await lookAtIdle();
else await recovered();

/** What a configuration of its own costs each task: the processor's time, and the memory that it keeps. */
function measureCompiling(): IdleReport['compiling'] {
  const count = 100;
  const heapBefore = memory().heapUsed;
  const cpuBefore = process.cpuUsage();
  const kept = Array.from({ length: count }, (_, task) => triggersTo(task, [`${url}/${task}`]));
  const { user, system } = process.cpuUsage(cpuBefore);
  const heapBytes = (memory().heapUsed - heapBefore) / kept.length;
  return { heapBytes, processorMs: (user + system) / 1000 / kept.length };
}

async function openAll(acknowledges: boolean): Promise<TriggerSession[]> {
  const opened: TriggerSession[] = [];
  let next = 0;
  const opener = async (): Promise<void> => {
    while (next < tasks) {
      const task = next;
      next += 1;
      const session = await openSession(store, task, triggersTo(task, [`${url}/${task}?delay=20`]));
      opened.push(session);
      if (acknowledges) await session.acknowledged();
    }
  };
  await Promise.all(Array.from({ length: openingAtOnce }, opener));
  return opened;
}

async function lookAtIdle(): Promise<void> {
  await Promise.all(sessions.map((session) => session.acknowledged()));
  const after = memory();
  const cpuBefore = process.cpuUsage();
  await delay(idleMs);
  const { user, system } = process.cpuUsage(cpuBefore);
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  await Promise.all(sessions.map(commitOne));
  report({
    openingMs,
    heapBytesPerTask: (after.heapUsed - before.heapUsed) / tasks,
    rssBytesPerTask: (after.rss - before.rss) / tasks,
    timers,
    cpuShare: (user + system) / 1000 / idleMs,
    compiling,
  });
}

/** Committed, and never acknowledged: its window waits. */
async function commitOne(session: TriggerSession): Promise<void> {
  const transaction = session.begin();
  transaction.add(0, { bytes: 100_001 });
  await session.settled();
  const batch = session.newBatch();
  session.stage(transaction, { offset: 1 }, batch);
  await session.commit(batch);
}

async function recovered(): Promise<void> {
  await Promise.all(sessions.map((session) => session.settled()));
  report({ openingMs, startedAtNs: String(startedAtNs), tookMs: performance.now() - startedAt });
}

function memory(): NodeJS.MemoryUsage {
  // Twice: what a finalizer lets go of is collected the next time.
  for (let times = 0; times < 2; times += 1) globalThis.gc?.();
  return process.memoryUsage();
}

function report(result: IdleReport | RecoveryReport): void {
  // Not closed: what it committed must be found as a crash leaves it.
  process.send?.(result, () => process.exit(0));
}

export type ManyTasksOrder = {
  mode: 'idle' | 'recover';
  path: string;
  url: string;
  tasks: number;
  idleMs: number;
};

export type IdleReport = {
  openingMs: number;
  heapBytesPerTask: number;
  rssBytesPerTask: number;
  timers: number;
  /** Of one core. */
  cpuShare: number;
  /** For one trigger. */
  compiling: { processorMs: number; heapBytes: number };
};

/** `startedAtNs`: when the first task began to be opened. */
export type RecoveryReport = { openingMs: number; startedAtNs: string; tookMs: number };
