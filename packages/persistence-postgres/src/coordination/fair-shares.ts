/** A process that shares the tasks, and the digest of the list of those that it could run. */
export type SharingWorker = { readonly worker: number; readonly digest: string };

/** The tasks that exactly the same processes could run, and how many of them fall to this process. */
export type Share = { readonly tasks: ReadonlySet<string>; readonly quota: number };

/**
 * How many tasks each process should have, so that all have the same number, to within one. Every process that knows of the same
 * workers and lists finds the same numbers, and together they are all tasks: nobody waits for another one to take a task that
 * falls to nobody.
 *
 * With one list of n tasks on w workers that is n / w, rounded down, and one more for the first n mod w. While a new list is
 * rolled out, tasks are dealt with by who could run them, those with the fewest candidates first: each goes to the candidate
 * that has the least so far.
 *
 * @param workers In an order that is the same for every process.
 * @param lists The tasks that can be run with each digest among `workers`.
 */
export function fairShares(
  me: number,
  workers: readonly SharingWorker[],
  lists: ReadonlyMap<string, ReadonlySet<string>>,
): Share[] {
  const loads = new Map(workers.map(({ worker }) => [worker, 0]));
  return groupsOf(workers, lists).flatMap(({ tasks, candidates }) => {
    const quotas = deal(tasks.size, candidates, loads);
    const quota = quotas.get(me);
    return quota === undefined ? [] : [{ tasks, quota }];
  });
}

type Group = { tasks: Set<string>; candidates: number[] };

/** The tasks by who could run them, those with the fewest candidates first. */
function groupsOf(workers: readonly SharingWorker[], lists: ReadonlyMap<string, ReadonlySet<string>>): Group[] {
  const digests = [...new Set(workers.map(({ digest }) => digest))].sort();
  const digestsOfTask = new Map<string, string>();
  for (const digest of digests) {
    for (const task of lists.get(digest) ?? []) {
      const before = digestsOfTask.get(task);
      digestsOfTask.set(task, before === undefined ? digest : `${before} ${digest}`);
    }
  }
  const groups = new Map<string, Group>();
  for (const [task, able] of digestsOfTask) {
    const group = groups.get(able) ?? { tasks: new Set(), candidates: candidatesOf(able, workers) };
    groups.set(able, group);
    group.tasks.add(task);
  }
  return [...groups.entries()]
    .sort(([one, { candidates: few }], [other, { candidates: many }]) =>
      few.length === many.length ? (one < other ? -1 : 1) : few.length - many.length,
    )
    .map(([, group]) => group);
}

function candidatesOf(able: string, workers: readonly SharingWorker[]): number[] {
  const digests = new Set(able.split(' '));
  return workers.filter(({ digest }) => digests.has(digest)).map(({ worker }) => worker);
}

/** Deals so many tasks to those that have the least, and notes it in `loads`. */
function deal(count: number, candidates: readonly number[], loads: Map<number, number>): Map<number, number> {
  const quotas = new Map(candidates.map((worker) => [worker, 0]));
  for (let dealt = 0; dealt < count; ) {
    const level = Math.min(...candidates.map((worker) => loads.get(worker) ?? 0));
    for (const worker of candidates) {
      const load = loads.get(worker) ?? 0;
      if (load > level || dealt === count) continue;
      loads.set(worker, load + 1);
      quotas.set(worker, (quotas.get(worker) ?? 0) + 1);
      dealt += 1;
    }
  }
  return quotas;
}
