import { canonicalJson, compareText } from '@aftercommit/models';
import type { WriteBatch } from '@aftercommit/persistence';
import { keysOfOutbox, type OutboxRecord, type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import type { CompiledTrigger } from './compiled-trigger.js';
import { isEmpty } from './match-outboxes.js';
import { type Opening, planOpening } from './plan-opening.js';

/** Every trigger with its outbox, as they are once the opening write is done. */
export type OpenedOutboxes = {
  /** In the order of the configuration. */
  outboxes: Array<{
    /** As it was compiled. */
    trigger: CompiledTrigger;
    /** Its own: the one that it had, one that it takes over, or a new one. */
    outbox: StoredOutbox;
  }>;
  /** What they hold is kept, named at every start, and fired no more until their trigger returns. */
  withoutPartner: StoredOutbox[];
  /** Ids of the outboxes that are removed: what is kept of how their deliveries ended has to go with them. */
  removed: string[];
  /** Ids of the outboxes that are given the window that the endpoint brought along: those that did not hold it. */
  adoptedBy: string[];
  /**
   * What renamed outboxes are called now, by their names before this opening: people who saw that name may have asked for
   * something.
   */
  presentNames: ReadonlyMap<string, string>;
};

/**
 * Gives each trigger its outbox and adds to the batch what that changes: new and renamed outboxes, lifted waits,
 * outboxes that lost their partner, empty ones removed once their interval is over. Nothing is in force before the batch is written.
 */
export function openOutboxes(
  batch: WriteBatch,
  stored: readonly StoredOutbox[],
  triggers: readonly CompiledTrigger[],
  opening: Opening,
): OpenedOutboxes {
  const plan = planOpening(stored, triggers, opening);
  const kept = plan.withoutTrigger.flatMap(({ before, outbox }) => (outbox === undefined ? [] : [{ before, outbox }]));
  const removed = plan.withoutTrigger.flatMap(({ before, outbox }) => (outbox === undefined ? [before] : []));
  const adoptedBy = [...plan.triggers, ...kept].flatMap(({ before, outbox }) =>
    putChanges(batch, before, outbox) > 0 ? [outbox.id] : [],
  );
  for (const key of removed.flatMap(keysOfOutbox)) batch.delete(key);
  if (plan.lastOutbox !== undefined) batch.put(taskKeys.lastOutbox, plan.lastOutbox);
  return {
    outboxes: plan.triggers.map(({ trigger, outbox }) => ({ trigger, outbox })),
    withoutPartner: kept.map(({ outbox }) => outbox).filter((outbox) => !isEmpty(outbox)),
    removed: removed.map(({ id }) => id),
    adoptedBy: adoptedBy.sort(compareText),
    presentNames: presentNames([...plan.triggers, ...kept]),
  };
}

/**
 * Adds to the batch what of an outbox is not stored so. What is stored already is not written: opening a task of which nothing
 * changed is one durable write, and not two. The store refuses to overwrite a window: a key that was used before fails the
 * whole write instead of losing one.
 *
 * @param before As it is stored. Undefined: it is not.
 * @returns How many windows were added.
 */
export function putChanges(batch: WriteBatch, before: StoredOutbox | undefined, outbox: StoredOutbox): number {
  const { id, about, delivery, lastFired } = outbox;
  if (!isSame(about, before?.about)) batch.put(taskKeys.outbox(id), about);
  if (delivery !== undefined && delivery !== before?.delivery) batch.put(taskKeys.delivery(id), delivery);
  if (lastFired !== undefined && lastFired !== before?.lastFired) batch.put(taskKeys.lastFired(id), lastFired);
  const added = outbox.windows.slice(before?.windows.length ?? 0);
  for (const { place, ...record } of added) {
    const key = taskKeys.window(id, place);
    batch.requireAbsent(key).put(key, record);
  }
  return added.length;
}

function isSame(about: OutboxRecord, stored: OutboxRecord | undefined): boolean {
  return stored !== undefined && canonicalJson(stored) === canonicalJson(about);
}

/** What outboxes that have another name now were called before this opening. */
function presentNames(
  outboxes: ReadonlyArray<{ before: StoredOutbox | undefined; outbox: StoredOutbox }>,
): ReadonlyMap<string, string> {
  const renamed = outboxes.flatMap(({ before, outbox }): Array<[string, string]> => {
    if (before === undefined || before.about.name === outbox.about.name) return [];
    return [[before.about.name, outbox.about.name]];
  });
  return renamed.length === 0 ? noneRenamed : new Map(renamed);
}

/** One for all tasks of which nothing was renamed. */
const noneRenamed: ReadonlyMap<string, string> = new Map();
