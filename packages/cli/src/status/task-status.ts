import { isEmpty } from '@aftercommit/delivery/commit-loop';
import { lastDelivered, type StoredOutbox } from '@aftercommit/persistence/records';
import type { Redactor } from '@aftercommit/registry/redaction';
import type { KeptOutbox, KeptTask } from '../kept/kept-state.js';
import { counted, localTime, span } from '../terminal/readable-text.js';
import { type StuckCase, stuckObject } from './stuck-lines.js';
import { type StuckTrigger, stuckTriggers } from './stuck-trigger.js';

/** The triggers of a materialization that are stuck, with reasons without the secrets of now, too. */
export function stuckOf({ outboxes, redactor }: KeptTask, now: number): StuckTrigger[] {
  return outboxes
    .flatMap((outbox) => stuckTriggers(outbox, now))
    .map((stuck) => ({ ...stuck, reason: stuck.reason === null ? null : redactor.scrub(stuck.reason) }));
}

/** A materialization for people: how far it is, and a line for each trigger that gets on. */
export function taskLines(task: KeptTask, stuck: readonly StuckTrigger[], now: number): string[] {
  const commit = task.lastCommit?.record.runtimeCheckpoint;
  const how =
    commit === undefined
      ? 'never committed'
      : `last commit ${localTime(Date.parse(commit.runId), now)}, ${counted(commit.window?.docs_total ?? 0, 'document')}, run ${commit.runId}`;
  const names = new Set(stuck.map(({ trigger }) => trigger));
  return [
    `${task.spec.name}: ${how}`,
    ...triggersOf(task).map(({ name, outbox }) => {
      const isStuck = names.has(name) ? ['stuck, see above'] : [];
      return `  ${name}: ${[...isStuck, ...outboxTexts(outbox, now)].join('; ')}`;
    }),
  ];
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

function outboxTexts(outbox: KeptOutbox | undefined, now: number): string[] {
  const last = outbox && lastDelivered(outbox.done);
  const delivered =
    last === undefined ? 'never delivered' : `last delivered ${localTime(last.at, now)}, run ${last.runId}`;
  return [delivered, ...waitingTexts(outbox, now)];
}

function waitingTexts(outbox: KeptOutbox | undefined, now: number): string[] {
  if (outbox === undefined || outbox.windows.length === 0) return [];
  const { windows, delivery, about, lastFired } = outbox;
  const count = `${counted(windows.length, 'window')} to deliver`;
  if (delivery !== undefined && delivery.failingSinceAt !== null) {
    const { attempts, notBeforeAt } = delivery;
    return [
      count,
      `attempt ${attempts + 1} ${notBeforeAt !== null && notBeforeAt > now ? `in ${span(notBeforeAt - now)}` : 'now'}`,
    ];
  }
  const dueAt = about.intervalMs === null || lastFired === undefined ? now : lastFired.at + about.intervalMs;
  return [dueAt > now ? `${count}, for its interval at ${localTime(dueAt, now)} (in ${span(dueAt - now)})` : count];
}

/** A materialization for programs. */
export function taskObject(task: KeptTask, cases: readonly StuckCase[]): Record<string, unknown> {
  const commit = task.lastCommit?.record.runtimeCheckpoint;
  return {
    event: 'materialization',
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
    stuck: cases.map(stuckObject),
  };
}

/** Those that keep something. */
function withoutTrigger({ outboxes }: KeptTask): StoredOutbox[] {
  return outboxes.filter((outbox) => !outbox.about.hasPartner && !isEmpty(outbox));
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
