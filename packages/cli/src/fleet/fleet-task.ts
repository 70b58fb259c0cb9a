import type { Json } from '@aftercommit/models';
import { readLastCommit, readOutboxes, taskKeys } from '@aftercommit/persistence/records';
import type { SeenTask } from '@aftercommit/persistence-postgres/coordination';
import { type StuckTrigger, stuckTriggers } from '../status/stuck-trigger.js';

/** What a fleet knows of a task: who runs it, and what its triggers hold. */
export type FleetTask = SeenTask & {
  /** The run id of the last commit. Null: it never committed. */
  lastRun: string | null;
  /** How old the oldest window is that is still to be delivered, in milliseconds. Null: everything is delivered. */
  lagMs: number | null;
  /** Its triggers that are stuck. */
  stuck: StuckTrigger[];
};

/** @param now In milliseconds since 1970. */
export function fleetTask(seen: SeenTask, entries: ReadonlyArray<[string, Json]>, now: number): FleetTask {
  const under = (prefix: string): Array<[string, Json]> => entries.filter(([key]) => key.startsWith(prefix));
  const outboxes = readOutboxes(under(taskKeys.outboxes));
  const oldest = outboxes
    .filter(({ about }) => about.hasPartner)
    .flatMap(({ windows }) => windows.map(({ window }) => Date.parse(window.run_id)))
    .reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  return {
    ...seen,
    lastRun: readLastCommit(under(taskKeys.commits))?.record.runtimeCheckpoint.runId ?? null,
    lagMs: oldest === Number.POSITIVE_INFINITY ? null : Math.max(0, now - oldest),
    stuck: outboxes.flatMap((outbox) => stuckTriggers(outbox, now)),
  };
}
