import type { Store } from '@aftercommit/persistence';
import type { FleetView, SeenTask } from '@aftercommit/persistence-postgres/coordination';
import { requireKnownNames } from '../errors/unknown-names.js';
import { UsageError } from '../errors/usage-error.js';
import type { KindOptions } from '../kinds/kind-options.js';
import { openExistingStore, placeText, type StateArguments, storeUrl } from '../state/state-store.js';
import type { StatusView } from '../status/status-view.js';
import { type StuckCase, stuckCases, stuckObject } from '../status/stuck-lines.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import { commandOn } from '../terminal/shell-command.js';
import { fleetStatusLines } from './fleet-status-lines.js';
import { type FleetTask, fleetTask } from './fleet-task.js';

/** So many tasks are read at a time: a fleet that works has better use for its database. */
const readAtOnce = 4;

/** A task, and how what is stuck in it can be helped. */
export type SeenFleetTask = FleetTask & { cases: StuckCase[] };

/** Who runs what of everything in a database, and what is stuck. Needs no spec: in commands, SPEC stands for it. */
export async function lookAtFleet(
  given: StateArguments & KindOptions & { materialization?: readonly string[] },
  io: CommandLineIo,
): Promise<StatusView> {
  const url = storeUrl(given, io.env);
  if (url === undefined) throw new UsageError('Name a spec, or with --store the database whose workers are meant.');
  const now = io.clock.now();
  const { fleet, tasks } = await withStore(url, io, async (store) => {
    const { readFleet } = await import('@aftercommit/persistence-postgres/coordination');
    const seen = await readFleet({ url });
    const wanted = askedTasks(seen.tasks, given.materialization);
    return { fleet: seen, tasks: await readTasks(store, wanted, now) };
  });
  const command = (name: string, ...options: string[]): string =>
    commandOn(name, { ...given, specPath: 'SPEC' }, ...options);
  const seen = tasks.map((task) => ({
    ...task,
    cases: stuckCases(task.task, task.stuck, command, fleet.tasks.length === 1),
  }));
  return { objects: objectsOf(fleet, seen), lines: ({ red }) => fleetStatusLines(fleet, seen, now, red) };
}

function askedTasks(all: readonly SeenTask[], materialization: readonly string[] | undefined): SeenTask[] {
  if (materialization === undefined) return [...all];
  const names = all.map(({ task }) => task);
  requireKnownNames(materialization, names, { what: 'materialization', where: 'in this database' });
  return all.filter(({ task }) => materialization.includes(task));
}

async function withStore<Result>(
  url: string,
  io: CommandLineIo,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const store = await openExistingStore({ url }, io);
  if (store === undefined) {
    throw new UsageError(
      `There is no state ${placeText({ url })}: nothing was ever run with it, or with another --store.`,
      { code: 'STATE_MISSING' },
    );
  }
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function readTasks(store: Store, seen: readonly SeenTask[], now: number): Promise<FleetTask[]> {
  const tasks: FleetTask[] = [];
  for (let from = 0; from < seen.length; from += readAtOnce) {
    const some = seen.slice(from, from + readAtOnce);
    tasks.push(...(await Promise.all(some.map(async (one) => fleetTask(one, await store.read(one.task), now)))));
  }
  return tasks;
}

function objectsOf({ workers }: FleetView, tasks: readonly SeenFleetTask[]): Array<Record<string, unknown>> {
  return [
    ...workers.map((worker) => ({ event: 'worker', ...worker, isLeaseOver: worker.leaseLeftMs <= 0 })),
    ...tasks.map(({ task, epoch, stuck: _inCases, cases, ...rest }) => ({
      event: 'materialization',
      materialization: task,
      epoch: epoch === null ? null : String(epoch),
      ...rest,
      stuck: cases.map(stuckObject),
    })),
  ];
}
