import type { Store } from '@aftercommit/persistence';
import type { FleetView, SeenTask } from '@aftercommit/persistence-postgres/coordination';
import { ownErrorCode } from '../errors/own-error.js';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import { openExistingStore, placeText, type StateArguments, storeUrl } from '../state/state-store.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { fixOf, fleetStatusLines } from './fleet-status-lines.js';
import { type FleetTask, fleetTask } from './fleet-task.js';

/** So many tasks are read at a time: a fleet that works has better use for its database. */
const readAtOnce = 4;

/** Says who runs what of everything in a database, and what is stuck. Needs no spec. */
export async function fleetStatusCommand(
  given: StateArguments & { json: boolean },
  io: CommandLineIo,
  { stdout, stderr }: Outputs,
): Promise<number> {
  const url = storeUrl(given, io.env);
  if (url === undefined) throw new UsageError('Name a spec, or with --store the database whose workers are meant.');
  try {
    const view = await withStore(url, io, async (store) => {
      const { readFleet } = await import('@aftercommit/persistence-postgres/coordination');
      const fleet = await readFleet({ url });
      return { fleet, tasks: await readTasks(store, fleet.tasks, io.clock.now()) };
    });
    const lines = given.json
      ? objectsOf(view.fleet, view.tasks).map((object) => JSON.stringify(object))
      : fleetStatusLines(view.fleet, view.tasks, io.clock.now());
    for (const line of lines) stdout.line(line);
    return exitCodes.done;
  } catch (error) {
    const code = ownErrorCode(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    stderr.line(`${code}: ${error.message}`);
    return exitCodes.failed;
  }
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

function objectsOf({ workers }: FleetView, tasks: readonly FleetTask[]): Array<Record<string, unknown>> {
  return [
    ...workers.map((worker) => ({ event: 'worker', ...worker })),
    ...tasks.map(({ task, epoch, stuck, ...rest }) => ({
      event: 'materialization',
      materialization: task,
      epoch: epoch === null ? null : String(epoch),
      ...rest,
      stuck: stuck.map(({ sinceAt, ...one }) => ({
        ...one,
        sinceAt: sinceAt === null ? null : new Date(sinceAt).toISOString(),
        fix: fixOf(one.why, one.trigger),
      })),
    })),
  ];
}
