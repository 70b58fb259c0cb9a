import { isEmpty } from '@aftercommit/delivery/commit-loop';
import { lastDelivered, type StoredOutbox } from '@aftercommit/persistence/records';
import type { Redactor } from '@aftercommit/registry/redaction';
import { exitCodes } from '../exit-code.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { counted, inThousands, localTime, oneLine, span } from '../terminal/readable-text.js';
import { commandOn, type GivenSpec } from '../terminal/shell-command.js';
import { type KeptArguments, type KeptOutbox, type KeptTask, withKept } from './kept-state.js';
import { elsewhereLine, elsewhereObject, tasksElsewhere } from './tasks-elsewhere.js';

/** Says how far every materialization is, and what its triggers hold. */
export async function statusCommand(
  given: KeptArguments & { json: boolean },
  io: CommandLineIo,
  { stdout, stderr }: Outputs,
): Promise<number> {
  return await withKept(given, io, { stdout, stderr }, async ({ tasks, spec, store }) => {
    const elsewhere = await tasksElsewhere({ spec, store });
    const lines = given.json
      ? [...tasks.map(statusObject), ...elsewhere.map(elsewhereObject)].map((object) => JSON.stringify(object))
      : [
          ...tasks.flatMap((task) => statusLines(task, given, io.clock.now())),
          ...elsewhere.map((task) => elsewhereLine(task, given.specPath)),
        ];
    for (const line of lines) stdout.line(line);
    return exitCodes.done;
  });
}

/** What a trigger's outbox holds; of a trigger that never ran, nothing. */
type TriggerStatus = { name: string; outbox: KeptOutbox | undefined };

function triggersOf({ spec, outboxes }: KeptTask): TriggerStatus[] {
  const kept = outboxes.filter(({ about }) => about.hasPartner);
  const fresh = spec.triggers.filter(({ name }) => !kept.some(({ about }) => about.name === name));
  return [
    ...kept.map((outbox) => ({ name: outbox.about.name, outbox })),
    ...fresh.map(({ name }) => ({ name, outbox: undefined })),
  ];
}

/** Those that keep something. */
function withoutTrigger({ outboxes }: KeptTask): StoredOutbox[] {
  return outboxes.filter((outbox) => !outbox.about.hasPartner && !isEmpty(outbox));
}

function statusObject(task: KeptTask): Record<string, unknown> {
  const commit = task.lastCommit?.record.runtimeCheckpoint;
  return {
    materialization: task.spec.name,
    isInSpec: true,
    lastCommit: commit === undefined ? null : { runId: commit.runId, docs: commit.window?.docs_total ?? 0 },
    triggers: triggersOf(task).map(({ name, outbox }) => ({
      trigger: name,
      lastDelivered: deliveredObject(outbox),
      waiting: outbox?.windows.length ?? 0,
      delivery: deliveryObject(outbox, task.redactor),
      parked: outbox?.parked.length ?? 0,
    })),
    withoutTrigger: withoutTrigger(task).map(({ about, windows, parked }) => ({
      outbox: about.name,
      waiting: windows.length,
      parked: parked.length,
    })),
  };
}

function deliveredObject(outbox: KeptOutbox | undefined): Record<string, unknown> | null {
  const last = outbox && lastDelivered(outbox.done);
  return last === undefined ? null : { runId: last.runId, at: new Date(last.at).toISOString() };
}

/** The delivery being tried, once an attempt has failed. */
function deliveryObject(outbox: StoredOutbox | undefined, redactor: Redactor): Record<string, unknown> | null {
  const { delivery, windows: [head] = [] } = outbox ?? {};
  if (delivery === undefined || delivery.failingSinceAt === null || head === undefined) return null;
  const { attempts, failingSinceAt, notBeforeAt, reason } = delivery;
  return {
    runId: head.window.run_id,
    idempotencyKey: head.idempotencyKey,
    attempt: attempts + 1,
    failingSinceAt: new Date(failingSinceAt).toISOString(),
    nextAttemptAt: notBeforeAt === null ? null : new Date(notBeforeAt).toISOString(),
    reason: reason && redactor.scrub(reason),
  };
}

function statusLines(task: KeptTask, given: GivenSpec, now: number): string[] {
  const commit = task.lastCommit?.record.runtimeCheckpoint;
  const how =
    commit === undefined
      ? 'never committed'
      : `last commit ${localTime(Date.parse(commit.runId), now)}, ${counted(commit.window?.docs_total ?? 0, 'document')}, run ${commit.runId}`;
  return [
    `${task.spec.name}: ${how}`,
    ...triggersOf(task).map(({ name, outbox }) => `  ${name}: ${outboxTexts(outbox, task.redactor, now).join('; ')}`),
    ...withoutTrigger(task).map((outbox) => `  ${lonelyText(outbox, given)}`),
  ];
}

function outboxTexts(outbox: KeptOutbox | undefined, redactor: Redactor, now: number): string[] {
  const last = outbox && lastDelivered(outbox.done);
  const delivered =
    last === undefined ? 'never delivered' : `last delivered ${localTime(last.at, now)}, run ${last.runId}`;
  const waiting = outbox?.windows.length ?? 0;
  const parked = outbox?.parked.length ?? 0;
  return [
    delivered,
    ...(waiting === 0 ? [] : [`${counted(waiting, 'window')} to deliver`]),
    ...retryingTexts(outbox, redactor, now),
    ...(parked === 0 ? [] : [`${inThousands(parked)} parked`]),
  ];
}

function retryingTexts(outbox: StoredOutbox | undefined, redactor: Redactor, now: number): string[] {
  const { delivery, windows = [] } = outbox ?? {};
  if (delivery === undefined || delivery.failingSinceAt === null || windows.length === 0) return [];
  const { attempts, failingSinceAt, notBeforeAt, reason } = delivery;
  const when = notBeforeAt !== null && notBeforeAt > now ? `in ${span(notBeforeAt - now)}` : 'now';
  const since = localTime(failingSinceAt, now);
  return [`failing since ${since}, attempt ${attempts + 1} ${when}: ${oneLine(redactor.scrub(reason ?? ''))}`];
}

function lonelyText({ about, windows, parked }: StoredOutbox, given: GivenSpec): string {
  const held = `${counted(windows.length, 'window')} and ${inThousands(parked.length)} parked`;
  const command = commandOn('parked drop', given, '--outbox', about.name);
  return `${about.name}: has no trigger any more, and keeps ${held}; to forget them: ${command}`;
}
