import { planTriggers, type TriggersPlan } from '@aftercommit/delivery';
import type { Store } from '@aftercommit/persistence';
import { readLastCommit, taskKeys } from '@aftercommit/persistence/records';
import type { MaterializationSpec } from '../spec/materialization-spec.js';

/** What the next run changes of one materialization. */
export type PlannedTask = {
  spec: MaterializationSpec;
  /** Undefined: nothing was ever committed. */
  lastCommit: ReturnType<typeof readLastCommit>;
  plan: TriggersPlan;
};

/**
 * Reads one consistent snapshot, and fences nobody.
 *
 * @param store Undefined: there is no state yet.
 * @param now In milliseconds since 1970.
 */
export async function planTask(store: Store | undefined, spec: MaterializationSpec, now: number): Promise<PlannedTask> {
  const entries = (await store?.read(spec.name)) ?? [];
  const { name: materialization, connectorImage, bindings, triggers } = spec;
  return {
    spec,
    lastCommit: readLastCommit(entries.filter(([key]) => key.startsWith(taskKeys.commits))),
    plan: planTriggers({ materialization, connectorImage, bindings, entries, triggers, now }),
  };
}

/** Whether the next run leaves something without a trigger that has one now. One that is disabled is not run. */
export function leavesSomething({ spec, plan }: PlannedTask): boolean {
  return !spec.isDisabled && plan.withoutTrigger.some(({ isNew }) => isNew);
}
