import type { Json } from '@aftercommit/models';
import { readLastCommit, readOutboxes, type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import type { SeenTask } from '@aftercommit/persistence-postgres/coordination';

/** What a fleet knows of a task: who runs it, and what its triggers hold. */
export type FleetTask = SeenTask & {
  /** The run id of the last commit. Null: it never committed. */
  lastRun: string | null;
  /** How old the oldest window is that is still to be delivered, in milliseconds. Null: everything is delivered. */
  lagMs: number | null;
  /** Its outboxes in which something waits for a person, or for a receiver that refuses it. */
  stuck: StuckTrigger[];
};

/**
 * A trigger that does not get on.
 *
 * - `failing`: its delivery is tried again and again.
 * - `parked`: deliveries were set aside.
 * - `without-trigger`: what is in it is kept, and nobody delivers it.
 */
export type StuckTrigger = {
  trigger: string;
  why: 'failing' | 'parked' | 'without-trigger';
  /** Since when, in milliseconds since 1970. Null: that is not stored. */
  sinceAt: number | null;
  /** Windows or deliveries that it is about. */
  count: number;
  /** Why the last attempt failed. Null: none did. */
  reason: string | null;
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
    stuck: outboxes.flatMap(stuckOf),
  };
}

function stuckOf({ about, windows, delivery, parked }: StoredOutbox): StuckTrigger[] {
  const trigger = about.name;
  const lonely = windows.length + parked.length;
  if (!about.hasPartner) {
    return lonely === 0 ? [] : [{ trigger, why: 'without-trigger', sinceAt: null, count: lonely, reason: null }];
  }
  const failingSinceAt = windows.length === 0 ? null : (delivery?.failingSinceAt ?? null);
  return [
    ...(failingSinceAt === null
      ? []
      : [
          {
            trigger,
            why: 'failing',
            sinceAt: failingSinceAt,
            count: windows.length,
            reason: delivery?.reason ?? null,
          } as const,
        ]),
    ...(parked.length === 0
      ? []
      : [
          {
            trigger,
            why: 'parked',
            sinceAt: Math.min(...parked.map(({ parkedAt }) => parkedAt)),
            count: parked.length,
            reason: parked.at(-1)?.reason ?? null,
          } as const,
        ]),
  ];
}
