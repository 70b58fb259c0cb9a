import type {
  IntervalPlan,
  LeftoverPlan,
  PayloadPlan,
  PlannedDelivery,
  TriggerPlan,
  WindowsPlan,
} from '@aftercommit/delivery';
import { formatDuration } from '@aftercommit/models';
import { windowSources, windowText } from '../preview/window-sources.js';
import { counted, inThousands, localTime, oneLine, safeLines, span } from '../terminal/readable-text.js';
import { commandOn, type GivenSpec } from '../terminal/shell-command.js';
import { takenOverText } from './plan-changes.js';
import type { PlannedTask } from './planned-task.js';

/** What is planned for one materialization, for people: a line for it, and a block for each trigger and each outbox without one. */
export function planLines({ spec, lastCommit, plan }: PlannedTask, given: GivenSpec, now: number): string[] {
  const commit = lastCommit?.record.runtimeCheckpoint;
  const how =
    commit === undefined
      ? 'never committed'
      : `last commit ${localTime(Date.parse(commit.runId), now)}, ${counted(commit.window?.docs_total ?? 0, 'document')}, run ${commit.runId}`;
  const disabled = spec.isDisabled ? '; it is disabled, and what follows happens once it is not' : '';
  return [
    `${spec.name}: ${how}${disabled}`,
    ...plan.triggers.flatMap((trigger) => triggerLines(trigger, now)),
    ...plan.withoutTrigger.flatMap((outbox) => leftoverLines(outbox, given)),
    ...plan.removed.map((name) => `  ${name}: has no trigger any more and is empty: it is removed`),
    ...plan.resting.map(
      ({ outbox, untilAt }) =>
        `  ${outbox}: has no trigger any more and is empty: it is removed after ${instant(untilAt, now)}, when its interval is over`,
    ),
  ];
}

/** As wide as the longest label, and the space behind it. */
const labelWidth = 'delivers to'.length + 2;

function field(label: string, text: string): string {
  return `    ${label.padEnd(labelWidth)}${text}`;
}

function triggerLines(trigger: TriggerPlan, now: number): string[] {
  const { waiting, parked, interval, payload, takesOver } = trigger;
  return [
    `  ${trigger.trigger}: ${takenOverText(trigger.trigger, takesOver)}`,
    field('delivers to', `${oneLine(trigger.target)} (${trigger.kind}, onFailure ${trigger.onFailure})`),
    ...(waiting === null ? [] : [field('waiting', windowsText(waiting)), ...deliveryFields(trigger, now)]),
    ...(parked === 0 ? [] : [field('parked', `${counted(parked, 'delivery', 'deliveries')}, as before`)]),
    ...(interval === null ? [] : [field('interval', intervalText(interval, takesOver !== null, now))]),
    ...payloadFields(payload),
  ];
}

function windowsText({ windows, docs, firstRunId, lastRunId }: WindowsPlan): string {
  const runs = firstRunId === lastRunId ? `run ${firstRunId}` : `runs ${firstRunId} to ${lastRunId}`;
  return `${counted(windows, 'window')}, ${counted(docs, 'document')}, ${runs}`;
}

/** How what waits goes out: the one that is fixed by itself, and then the others. */
function deliveryFields({ waiting, interval }: TriggerPlan, now: number): string[] {
  if (waiting === null) return [];
  const { delivery, windows, notBeforeAt } = waiting;
  const isUnited = interval !== null && interval.nowMs !== null;
  const rest = delivery === null ? windows : windows - 1;
  const others = isUnited
    ? `${counted(rest, 'window')} as one delivery, ${notBeforeAt === null ? 'at once' : `not before ${instant(notBeforeAt, now)}`}`
    : `${counted(rest, 'window')}, in order`;
  return [
    ...(delivery === null ? [] : [field('first', deliveryText(delivery, now))]),
    ...(rest === 0 ? [] : [field(delivery === null ? 'first' : 'then', others)]),
  ];
}

function deliveryText(delivery: PlannedDelivery, now: number): string {
  const { runId, rounds, attempts, failingSinceAt, reason, nextAttemptAt, isWaitLifted } = delivery;
  const when = nextAttemptAt === null ? 'at once' : `at ${instant(nextAttemptAt, now)}`;
  const lifted = isWaitLifted ? ': the configuration changed, so it waits no longer' : '';
  if (failingSinceAt === null) return `run ${runId}, ${when}`;
  const failed = [
    ...(rounds === 0 ? [] : [counted(rounds, 'round')]),
    ...(attempts === 0 ? [] : [counted(attempts, 'attempt')]),
  ].join(' and ');
  const why = oneLine(reason ?? '').replace(/\.+$/, '');
  return `run ${runId}, ${when}${lifted}; ${failed} failed since ${localTime(failingSinceAt, now)}, last with: ${why}`;
}

function intervalText(
  { beforeMs, nowMs, lastFiredAt, notBeforeAt }: IntervalPlan,
  hadOutbox: boolean,
  now: number,
): string {
  if (nowMs === null) return `none any more, was ${formatDuration(beforeMs ?? 0)}: what commits goes out at once`;
  const was = beforeMs === null ? 'none before' : `was ${formatDuration(beforeMs)}`;
  const fired = lastFiredAt === null ? [] : [`last fired ${localTime(lastFiredAt, now)}`];
  return [
    formatDuration(nowMs),
    ...(!hadOutbox || beforeMs === nowMs ? [] : [was]),
    ...fired,
    notBeforeAt === null
      ? 'what commits next goes out at once'
      : `what commits waits until ${instant(notBeforeAt, now)}`,
  ].join(', ');
}

function payloadFields({ from, runId, text, problem }: PayloadPlan): string[] {
  if (text === null) {
    return [field('payload', `CANNOT BE MADE of ${windowSources[from]}, run ${runId}: ${oneLine(problem ?? '')}`)];
  }
  return [
    field('payload', `of ${windowText({ from, runId })}`),
    ...safeLines(text)
      .split('\n')
      .map((line) => `      ${line}`),
  ];
}

function leftoverLines({ outbox, nameBefore, isNew, waiting, parked }: LeftoverPlan, given: GivenSpec): string[] {
  const held = [
    ...(waiting === null ? [] : [windowsText(waiting)]),
    ...(parked === 0 ? [] : [`${inThousands(parked)} parked`]),
  ].join(', and ');
  const what = isNew ? 'LEFT WITHOUT A TRIGGER: what it holds is kept, and fires no more' : 'has no trigger any more';
  const drop = commandOn('parked drop', given, '--outbox', outbox);
  return [
    `  ${nameBefore ?? outbox}: ${what}${nameBefore === null ? '' : `; from then on it is called ${outbox}`}`,
    field('keeps', held),
    field('to deliver', `call a trigger ${outbox}`),
    field('to forget', isNew ? `${drop} (after the next run has begun)` : drop),
  ];
}

function instant(at: number, now: number): string {
  return `${localTime(at, now)} (in ${span(at - now)})`;
}
