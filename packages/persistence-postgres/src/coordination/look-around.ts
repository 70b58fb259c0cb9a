import type { Share } from './fair-shares.js';
import type { TaskOffers } from './task-offers.js';
import type { WorkerConnection } from './worker-connection.js';
import { type Onlooker, readOffers, readWorkers, removeGone, type SeenWorker } from './worker-rows.js';

/** What a worker finds when it looks at the others. */
export type Surroundings = {
  /** What falls to this worker. */
  readonly shares: readonly Share[];
  /** Among those that share: who begins where when it claims. */
  readonly rank: Rank;
  /** Those that were gone and that it removed, each with the number of its tasks. */
  readonly removed: ReadonlyArray<{ worker: number; tasks: number; why: NonNullable<SeenWorker['gone']> }>;
  /** When the first lease of another worker is over unless it is renewed, in milliseconds. Infinity: there is no other. */
  readonly nextEndMs: number;
};

/** A place in the order of those that share, from 0. */
export type Rank = { readonly place: number; readonly of: number };

/** Removes those that are gone, so that their tasks are free, and finds what falls to this worker. */
export async function lookAround(
  connection: WorkerConnection,
  onlooker: Onlooker,
  offers: TaskOffers,
): Promise<Surroundings> {
  const seen = await readWorkers(connection, onlooker);
  const removed = await removeThoseGone(connection, onlooker, seen);
  const alive = seen.filter(({ gone }) => gone === undefined);
  const sharing = alive.filter(({ isLeaving }) => !isLeaving).map(({ id, digest }) => ({ worker: id, digest }));
  for (const digest of offers.unknownOf(sharing)) {
    const tasks = await readOffers(connection, digest);
    // Undefined: whoever had it is gone meanwhile, and others may come with the same list.
    if (tasks !== undefined) offers.learn(digest, tasks);
  }
  return {
    shares: offers.sharesOf(onlooker.worker, sharing),
    rank: { place: sharing.findIndex(({ worker }) => worker === onlooker.worker), of: sharing.length },
    removed,
    nextEndMs: alive
      .filter(({ id, leaseLeftMs }) => id !== onlooker.worker && leaseLeftMs > 0)
      .reduce((least, { leaseLeftMs }) => Math.min(least, leaseLeftMs), Number.POSITIVE_INFINITY),
  };
}

async function removeThoseGone(
  connection: WorkerConnection,
  onlooker: Onlooker,
  seen: readonly SeenWorker[],
): Promise<Surroundings['removed']> {
  const whyOf = new Map(seen.flatMap(({ id, gone }) => (gone === undefined ? [] : [[id, gone]])));
  if (whyOf.size === 0) return [];
  const removed = await removeGone(connection, onlooker, [...whyOf.keys()]);
  return removed.map(({ id, tasks }) => ({ worker: id, tasks, why: whyOf.get(id) ?? 'lease-over' }));
}
