import type { IntervalPlan, LeftoverPlan, PlannedDelivery, TriggerPlan, WaitingPlan } from '@aftercommit/delivery';
import type { PlannedTask } from './planned-task.js';

/** What is planned for one materialization, for programs: every trigger, every outbox without one, what is wrong, and a summary. */
export function planObjects({ spec, lastCommit, plan }: PlannedTask): Array<Record<string, unknown>> {
  const of = (event: string): Record<string, unknown> => ({ event, materialization: spec.name });
  const commit = lastCommit?.record.runtimeCheckpoint;
  return [
    ...plan.triggers.map((trigger) => ({ ...of('trigger'), ...triggerObject(trigger) })),
    ...plan.withoutTrigger.map((outbox) => ({ ...of('outbox'), ...leftoverObject(outbox) })),
    ...plan.removed.map((outbox) => ({ ...of('outbox'), outbox, becomes: 'removed' })),
    ...plan.resting.map(({ outbox, untilAt }) => ({
      ...of('outbox'),
      outbox,
      becomes: 'resting',
      untilAt: iso(untilAt),
    })),
    ...plan.issues.map((issue) => ({ ...of('issue'), ...issue })),
    {
      ...of('planned'),
      isDisabled: spec.isDisabled,
      lastCommit: commit === undefined ? null : { runId: commit.runId, docs: commit.window?.docs_total ?? 0 },
      triggers: plan.triggers.length,
      left: plan.withoutTrigger.filter(({ isNew }) => isNew).length,
      issues: plan.issues.length,
    },
  ];
}

/** As a plan has them, but for instants: these are texts. */
function triggerObject(trigger: TriggerPlan): Record<string, unknown> {
  const { waiting, interval } = trigger;
  return { ...trigger, waiting: waiting && waitingObject(waiting), interval: interval && intervalObject(interval) };
}

function waitingObject(waiting: WaitingPlan): Record<string, unknown> {
  const { delivery, notBeforeAt } = waiting;
  return { ...waiting, delivery: delivery && deliveryObject(delivery), notBeforeAt: isoOrNull(notBeforeAt) };
}

function deliveryObject(delivery: PlannedDelivery): Record<string, unknown> {
  const { failingSinceAt, nextAttemptAt } = delivery;
  return { ...delivery, failingSinceAt: isoOrNull(failingSinceAt), nextAttemptAt: isoOrNull(nextAttemptAt) };
}

function intervalObject(interval: IntervalPlan): Record<string, unknown> {
  const { lastFiredAt, notBeforeAt } = interval;
  return { ...interval, lastFiredAt: isoOrNull(lastFiredAt), notBeforeAt: isoOrNull(notBeforeAt) };
}

function leftoverObject({ outbox, ...leftover }: LeftoverPlan): Record<string, unknown> {
  return { outbox, becomes: 'kept', ...leftover };
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
