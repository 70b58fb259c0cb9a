import type { Store } from '@aftercommit/persistence';
import { auditTask } from '@aftercommit/persistence/audit';
import { readLastCommit, taskKeys } from '@aftercommit/persistence/records';
import type { Accepted } from './fleet-receiver.js';

/** A row that a host has committed. */
export type Thing = { task: string; number: number; run_id: string };

/** Whether anything of a task is still to be delivered. */
export async function isEverythingDelivered(store: Store, task: string): Promise<boolean> {
  const entries = await store.read(task);
  return !entries.some(([key]) => /^outbox\/[^/]+\/(window|delivery)/.test(key));
}

/**
 * Everything that is wrong once all is delivered, by three witnesses that know nothing of each other: the rows at the endpoint, what
 * the receiver accepted, and the state. A commit without its delivery, a delivery without its commit, and a state that is
 * torn: rows, position and windows were committed together, or not.
 */
export async function violationsOf(
  tasks: readonly string[],
  { things, accepted, store }: { things: readonly Thing[]; accepted: readonly Accepted[]; store: Store },
): Promise<string[]> {
  const rowsOf = groupBy(things, ({ task }) => task);
  const acceptedOf = groupBy(accepted, ({ task }) => task);
  const each = tasks.map(async (task) => {
    const rows = [...(rowsOf.get(task) ?? [])].sort((one, other) => one.number - other.number);
    const deliveries = acceptedOf.get(task) ?? [];
    const found = [
      ...rowViolations(rows),
      ...deliveryViolations(rows, deliveries),
      ...(await stateViolations(store, task, rows)),
    ];
    return found.map((violation) => `${task}: ${violation}`);
  });
  return (await Promise.all(each)).flat();
}

/** One row for each number, and run ids that rise with them. */
function rowViolations(rows: readonly Thing[]): string[] {
  return rows.flatMap(({ number, run_id: runId }, index) => {
    const before = rows[index - 1];
    if (number !== (before?.number ?? 0) + 1) return [`row ${number} follows row ${before?.number ?? 'none'}`];
    return before !== undefined && runId <= before.run_id
      ? [`row ${number} has run ${runId}, not above ${before.run_id}`]
      : [];
  });
}

function deliveryViolations(rows: readonly Thing[], deliveries: readonly Accepted[]): string[] {
  const delivered = new Map(deliveries.map(({ run, key }) => [run, key]));
  const committed = new Set(rows.map(({ run_id: runId }) => runId));
  return [
    ...rows.flatMap(({ run_id: run, number }) =>
      delivered.has(run) ? [] : [`commit ${number} (${run}) has no delivery`],
    ),
    ...[...delivered.keys()].flatMap((run) => (committed.has(run) ? [] : [`delivery ${run} has no commit`])),
    ...deliveries.flatMap(({ run, key }) => (delivered.get(run) === key ? [] : [`delivery ${run} has two keys`])),
    ...(new Set(delivered.values()).size < delivered.size ? ['two deliveries have one key'] : []),
  ];
}

async function stateViolations(store: Store, task: string, rows: readonly Thing[]): Promise<string[]> {
  const entries = await store.read(task);
  const last = readLastCommit(entries.filter(([key]) => key.startsWith(taskKeys.commits)));
  const { position, runId } = last?.record.runtimeCheckpoint ?? { position: 0, runId: '' };
  const { number = 0, run_id: run = '' } = rows.at(-1) ?? {};
  const { inconsistencies, commits } = auditTask(entries);
  return [
    ...(position === number && runId === run
      ? []
      : [`the position is ${JSON.stringify(position)}, and the last row ${number}`]),
    ...inconsistencies.map(({ code, problem }) => `${code}: ${problem}`),
    ...commits.flatMap(({ runId: one, outboxes }) =>
      outboxes.flatMap(({ standing }) => (standing === 'delivered' ? [] : [`commit ${one} is ${standing}`])),
    ),
  ];
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
