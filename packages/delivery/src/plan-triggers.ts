import type { Json } from '@aftercommit/models';
import { readLastCommit, readOutboxes, type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import { Redactor } from '@aftercommit/registry/redaction';
import type { CompiledTrigger } from './compiled-trigger.js';
import { isEmpty } from './match-outboxes.js';
import { payloadIssue, payloadPlan } from './payload-plan.js';
import { planOpening } from './plan-opening.js';
import { type PreviewedTask, windowToPreview } from './preview-window.js';
import { triggerPlan, windowsPlan } from './trigger-plan.js';
import type { LeftoverPlan, TriggersPlan } from './triggers-plan.js';

/** What a plan is made of. */
export type PlanOptions = PreviewedTask & {
  /** Everything that is stored of the task, as `Store.read` gives it. None: it never ran. */
  entries: ReadonlyArray<readonly [key: string, value: Json]>;
  /** As they are configured now. */
  triggers: readonly CompiledTrigger[];
  /** Milliseconds since the Unix epoch. */
  now: number;
};

/**
 * What the next opening of a task does: which outbox each trigger takes over, what becomes of what waits, and what each trigger
 * would send. It is told what an opening does by the same code that does it, and changes nothing.
 *
 * What only the opening learns is not in it: a transaction that the endpoint committed and the store did not see, what a session
 * that goes on does meanwhile, and what people asked for that no session has taken yet.
 *
 * @throws StoreError `STORE_CORRUPT` when what is stored cannot be read.
 */
export function planTriggers({ entries, triggers, now, ...task }: PlanOptions): TriggersPlan {
  const under = (prefix: string): Array<[string, Json]> =>
    entries.flatMap(([key, value]): Array<[string, Json]> => (key.startsWith(prefix) ? [[key, value]] : []));
  const stored = readOutboxes(under(taskKeys.outboxes));
  const opening = planOpening(stored, triggers, { adopted: undefined, lastOutbox: undefined, now, retryNow: false });
  const preview = windowToPreview(task, readLastCommit(under(taskKeys.commits))?.record, stored, now);
  // I8: a template may print a secret; what one trigger keeps secret, another may have written into its template.
  const redactor = new Redactor(triggers.flatMap(({ secrets }) => secrets));
  const planned = opening.triggers.map((one) => ({ one, payload: payloadPlan(one.trigger, preview, redactor) }));
  const left = opening.withoutTrigger;
  return {
    triggers: planned.map(({ one, payload }) => triggerPlan(one, payload, redactor, now)),
    withoutTrigger: left.flatMap(({ before, outbox }) =>
      outbox === undefined || isEmpty(outbox) ? [] : [leftoverPlan(before, outbox)],
    ),
    removed: left.flatMap(({ before, outbox }) => (outbox === undefined ? [before.about.name] : [])),
    resting: left.flatMap(({ outbox }) => (outbox !== undefined && isEmpty(outbox) ? [restingPlan(outbox)] : [])),
    issues: planned.flatMap(({ one, payload }) => payloadIssue(one.trigger, payload)),
  };
}

function leftoverPlan(before: StoredOutbox, outbox: StoredOutbox): LeftoverPlan {
  const { name } = outbox.about;
  return {
    outbox: name,
    nameBefore: before.about.name === name ? null : before.about.name,
    isNew: before.about.hasPartner,
    waiting: windowsPlan(outbox),
    parked: outbox.parked.length,
  };
}

function restingPlan({ about, lastFired }: StoredOutbox): TriggersPlan['resting'][number] {
  return { outbox: about.name, untilAt: (lastFired?.at ?? 0) + (about.intervalMs ?? 0) };
}
