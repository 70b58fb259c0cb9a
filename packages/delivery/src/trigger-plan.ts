import type { OutboxRecord, StoredOutbox } from '@aftercommit/persistence/records';
import type { Redactor } from '@aftercommit/registry/redaction';
import { intervalLeftMs } from './delivery-interval.js';
import { leftMs, untried } from './delivery-round.js';
import type { PlannedTrigger } from './plan-opening.js';
import type {
  IntervalPlan,
  PayloadPlan,
  PlanChange,
  PlannedDelivery,
  TakenOver,
  TriggerPlan,
  WaitingPlan,
  WindowsPlan,
} from './triggers-plan.js';

/** @param now In milliseconds since the Unix epoch. */
export function triggerPlan(
  planned: PlannedTrigger,
  payload: PayloadPlan,
  redactor: Redactor,
  now: number,
): TriggerPlan {
  const { trigger, outbox } = planned;
  return {
    trigger: trigger.name,
    kind: trigger.kind.kind,
    target: redactor.scrub(trigger.target),
    onFailure: trigger.onFailure,
    takesOver: takenOver(planned),
    waiting: waitingPlan(planned, now),
    parked: outbox.parked.length,
    interval: intervalPlan(planned, now),
    payload,
  };
}

function takenOver({ before, rule, outbox }: PlannedTrigger): TakenOver | null {
  if (before === undefined || rule === undefined) return null;
  const changes = changesOf(before.about, outbox.about);
  return { outbox: before.about.name, rule, hadTrigger: before.about.hasPartner, changes };
}

function changesOf(before: OutboxRecord, after: OutboxRecord): PlanChange[] {
  const isChanged: Array<[PlanChange, boolean]> = [
    ['name', before.name !== after.name],
    ['kind', before.kind !== after.kind],
    ['target', before.kind === after.kind && before.targetHash !== after.targetHash],
    ['template', before.templateHash !== after.templateHash],
    ['interval', before.intervalMs !== after.intervalMs],
    ['onFailure', before.onFailure !== undefined && before.onFailure !== after.onFailure],
  ];
  const changes = isChanged.flatMap(([change, is]) => (is ? [change] : []));
  const isExplained = changes.some((change) => change !== 'name');
  return before.configHash === after.configHash || isExplained ? changes : [...changes, 'settings'];
}

/** What an outbox holds that is not parked. Null: nothing. */
export function windowsPlan({ windows }: StoredOutbox): WindowsPlan | null {
  const [first, ...rest] = windows;
  if (first === undefined) return null;
  // One that was replayed stands in front of windows that are older than it.
  const runIds = windows.flatMap(({ window, through }) => [window.run_id, through ?? window.run_id]).sort();
  return {
    windows: windows.length,
    docs: rest.reduce((total, { window }) => total + window.docs_total, first.window.docs_total),
    firstRunId: runIds[0] ?? first.window.run_id,
    lastRunId: runIds.at(-1) ?? first.window.run_id,
  };
}

function waitingPlan(planned: PlannedTrigger, now: number): WaitingPlan | null {
  const windows = windowsPlan(planned.outbox);
  if (windows === null) return null;
  const delivery = plannedDelivery(planned, now);
  const isRest = delivery === null || windows.windows > 1;
  const notBeforeAt = isRest ? (intervalPlan(planned, now)?.notBeforeAt ?? null) : null;
  return { ...windows, delivery, notBeforeAt };
}

function plannedDelivery({ before, outbox }: PlannedTrigger, now: number): PlannedDelivery | null {
  const { windows, delivery, about } = outbox;
  const [head] = windows;
  const isFixed = delivery !== undefined || head?.replayed === true || about.intervalMs === null;
  if (head === undefined || !isFixed) return null;
  const { rounds, attempts, failingSinceAt, reason } = delivery ?? untried;
  const clock = { now: () => now };
  const waitsMs = leftMs(delivery ?? untried, clock);
  return {
    runId: head.window.run_id,
    idempotencyKey: head.idempotencyKey,
    rounds,
    attempts,
    failingSinceAt,
    reason,
    nextAttemptAt: waitsMs === 0 ? null : now + waitsMs,
    isWaitLifted: waitsMs === 0 && leftMs(before?.delivery ?? untried, clock) > 0,
  };
}

function intervalPlan({ before, outbox }: PlannedTrigger, now: number): IntervalPlan | null {
  const beforeMs = before?.about.intervalMs ?? null;
  const { intervalMs: nowMs } = outbox.about;
  if (beforeMs === null && nowMs === null) return null;
  const lastFiredAt = outbox.lastFired?.at ?? null;
  const waitsMs = intervalLeftMs(nowMs ?? 0, outbox.lastFired?.at, now);
  return { beforeMs, nowMs, lastFiredAt, notBeforeAt: waitsMs === 0 ? null : now + waitsMs };
}
