/**
 * Opens thousands of tasks in one process.
 *
 * - `seed`: opens them for the first time, and gives each a history of so many commits.
 * - `idle`: looks at what they cost while nothing happens, and how long they took to open.
 * - `leave`: as `idle`, then commits one transaction of each and dies before it is acknowledged.
 * - `recover`: opens them again, and so delivers what was left.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { AttemptSlots } from '@aftercommit/delivery';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import type { TriggerSession } from '@aftercommit/runtime-adapter';
import { openSession, triggersTo } from '../contenders/aftercommit.js';
import { writeHistory } from './history.js';

const loadedAfterMs = performance.now();
/** On the clock of `process.hrtime`, which all processes share. */
const startedAtNs = process.hrtime.bigint() - BigInt(Math.round(loadedAfterMs * 1e6));
const order: ManyTasksOrder = JSON.parse(process.argv[2] ?? '{}');
const { mode, path, url, tasks } = order;
const compiling = mode === 'idle' || mode === 'leave' ? measureCompiling() : undefined;
const store = SqliteStore.open(path);
const slots = new AttemptSlots(order.slots);
const before = memory();
const beganAt = performance.now();
const sessions = await openAll(mode === 'recover');
const openingMs = performance.now() - beganAt;
if (mode === 'seed') await seed();
else if (mode === 'recover') await recovered();
else await lookAtIdle();

/** What a configuration costs each task: the processor's time, and the memory that it keeps. With a template that others have, too. */
function measureCompiling(): IdleReport['compiling'] {
  const count = 2_000;
  for (let task = 0; task < count; task += 1) compileOne(task); // until the code is as quick as it gets
  const heapBefore = memory().heapUsed;
  const cpuBefore = process.cpuUsage();
  const kept = Array.from({ length: count }, (_, task) => compileOne(task));
  const { user, system } = process.cpuUsage(cpuBefore);
  const heapBytes = (memory().heapUsed - heapBefore) / kept.length;
  return { heapBytes, processorMs: (user + system) / 1000 / kept.length };
}

function compileOne(task: number): ReturnType<typeof triggersTo> {
  return triggersTo(task, [`${url}/${task}?delay=20`]);
}

async function openAll(acknowledges: boolean): Promise<TriggerSession[]> {
  const opened: TriggerSession[] = [];
  let next = 0;
  const opener = async (): Promise<void> => {
    while (next < tasks) {
      const task = next;
      next += 1;
      const session = await openSession(store, task, compileOne(task), { attemptSlots: slots });
      opened.push(session);
      if (acknowledges) await session.acknowledged();
    }
  };
  await Promise.all(Array.from({ length: order.openingAtOnce }, opener));
  return opened;
}

async function seed(): Promise<void> {
  for (const session of sessions) await writeHistory(session, order.history);
  report({ openingMs });
}

async function lookAtIdle(): Promise<void> {
  await Promise.all(sessions.map((session) => session.acknowledged()));
  const after = memory();
  const cpuBefore = process.cpuUsage();
  await delay(order.idleMs);
  const { user, system } = process.cpuUsage(cpuBefore);
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  if (mode === 'leave') await Promise.all(sessions.map(commitOne));
  report({
    openingMs,
    heapBytesPerTask: (after.heapUsed - before.heapUsed) / tasks,
    rssBytesPerTask: (after.rss - before.rss) / tasks,
    timers,
    cpuShare: (user + system) / 1000 / order.idleMs,
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
  const clearedMs = performance.now();
  report({ loadedAfterMs, openingMs, openAfterMs: beganAt + openingMs, clearedMs, startedAtNs: String(startedAtNs) });
}

function memory(): NodeJS.MemoryUsage {
  // Twice: what a finalizer lets go of is collected the next time.
  for (let times = 0; times < 2; times += 1) globalThis.gc?.();
  return process.memoryUsage();
}

function report(result: SeedReport | IdleReport | RecoveryReport): void {
  // Not closed: what it committed must be found as a crash leaves it.
  process.send?.(result, () => process.exit(0));
}

export type ManyTasksOrder = {
  mode: 'seed' | 'idle' | 'leave' | 'recover';
  path: string;
  url: string;
  tasks: number;
  /** How many tasks are being opened at one time. */
  openingAtOnce: number;
  /** How many attempts may be in flight at one time. */
  slots: number;
  idleMs: number;
  /** How many commits each task has behind it: for `seed`. */
  history: number;
};

/** `openingMs`: all tasks, their configurations compiled one by one. */
export type SeedReport = { openingMs: number };

export type IdleReport = SeedReport & {
  heapBytesPerTask: number;
  rssBytesPerTask: number;
  timers: number;
  /** Of one core. */
  cpuShare: number;
  /** For one trigger. */
  compiling: { processorMs: number; heapBytes: number } | undefined;
};

/** Milliseconds from the start of the process, but for `openingMs`. */
export type RecoveryReport = SeedReport & {
  loadedAfterMs: number;
  openAfterMs: number;
  /** All windows are delivered and cleared. */
  clearedMs: number;
  /** The start of the process. */
  startedAtNs: string;
};
