import { canonicalJson, compareText, formatRunId, parseRunId, type Window } from '@aftercommit/models';
import type { WriteBatch } from '@aftercommit/persistence';
import {
  emptyOutbox,
  keysOfOutbox,
  type LastOutboxRecord,
  type OutboxRecord,
  runIdOfPlace,
  type StoredOutbox,
  taskKeys,
  type WindowRecord,
} from '@aftercommit/persistence/records';
import type { CompiledTrigger } from './compiled-trigger.js';
import { untried } from './delivery-round.js';
import { idempotencyKey } from './idempotency-key.js';
import { isEmpty, matchOutboxes, type OutboxMatches } from './match-outboxes.js';
import { restingOutboxes } from './resting-outboxes.js';
import { firstFree, type TriggerIdentity } from './trigger-identity.js';

/** Every trigger with its outbox, as they are once the opening write is done. */
export type OpenedOutboxes = {
  outboxes: Array<{ trigger: CompiledTrigger; outbox: StoredOutbox }>;
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

/** What outboxes that have another name now were called before this opening. */
function presentNames(before: readonly StoredOutbox[], after: readonly StoredOutbox[]): ReadonlyMap<string, string> {
  const names = new Map(after.map(({ id, about }) => [id, about.name]));
  const renamed = before.flatMap(({ id, about }): Array<[string, string]> => {
    const name = names.get(id) ?? about.name;
    return name === about.name ? [] : [[about.name, name]];
  });
  return renamed.length === 0 ? noneRenamed : new Map(renamed);
}

/** One for all tasks of which nothing was renamed. */
const noneRenamed: ReadonlyMap<string, string> = new Map();

/** A window that the endpoint brings along. */
export type AdoptedWindow = { materialization: string; window: Window };

/** Under which circumstances outboxes are opened. */
export type Opening = {
  /**
   * The window of a transaction that the endpoint committed and the store did not see: it goes to every trigger, and to
   * every outbox that had a partner when it committed (I1). Undefined: there is none.
   */
  adopted: AdoptedWindow | undefined;
  /** The id that was given to an outbox last, also if that is gone. Undefined: none was. */
  lastOutbox: LastOutboxRecord | undefined;
  /** Milliseconds since the Unix epoch. */
  now: number;
  /** A person wants it: no delivery waits out what its last failure had earned. */
  retryNow: boolean;
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
  const { adopted } = opening;
  const adoptedBy = new Set<string>();
  const adopt = (outbox: StoredOutbox, name: string): void => {
    if (adopted !== undefined && addWindow(batch, outbox, adopted, name)) adoptedBy.add(outbox.id);
  };
  const keyed = new Set<string>();
  // Before matching: an outbox that receives the window is not empty, and so can be found by rule 4.
  for (const outbox of stored.filter(({ about }) => about.hasPartner)) {
    adopt(outbox, outbox.about.name);
    keyed.add(outbox.about.name);
  }

  const { partners, withoutPartner } = matchAll(
    stored,
    triggers.map((trigger) => trigger.identity),
  );
  const ids = newIds(batch, stored, opening.lastOutbox);
  const outboxes = triggers.map((trigger, index) => {
    const partner = partners[index];
    const outbox =
      partner === undefined
        ? { ...emptyOutbox(ids.next().value), about: aboutOf(trigger) }
        : goOn(batch, partner, trigger, opening);
    putAbout(batch, outbox, partner?.about);
    // I1: under a key that went to another outbox by this name, a receiver of both would take it for a repetition.
    adopt(outbox, keyed.has(trigger.name) ? `${trigger.name}/${outbox.id}` : trigger.name);
    return { trigger, outbox };
  });
  const names = new Set(triggers.map((trigger) => trigger.name));
  const taken = new Set([...names, ...withoutPartner.map(({ about }) => about.name)]);
  const removed: string[] = [];
  const resting = restingOutboxes(withoutPartner, opening.now);
  const kept = withoutPartner.flatMap((outbox) => {
    if (isEmpty(outbox) && (!resting.has(outbox) || names.has(outbox.about.name))) {
      for (const key of keysOfOutbox(outbox)) batch.delete(key);
      removed.push(outbox.id);
      return [];
    }
    const name = names.has(outbox.about.name) ? firstFree(outbox.about.name, taken) : outbox.about.name;
    taken.add(name);
    return keep(batch, outbox, name, opening.now);
  });
  return {
    outboxes,
    withoutPartner: kept.filter((outbox) => !isEmpty(outbox)),
    removed,
    adoptedBy: [...adoptedBy].sort(compareText),
    presentNames: presentNames(stored, [...outboxes.map(({ outbox }) => outbox), ...kept]),
  };
}

/**
 * What holds nothing and has no partner takes part only where nothing else was found, and by its name: all that it would
 * bring along is when it last fired, and a trigger must not miss its windows for that.
 */
function matchAll(stored: readonly StoredOutbox[], triggers: readonly TriggerIdentity[]): OutboxMatches {
  const isIdle = (outbox: StoredOutbox): boolean => isEmpty(outbox) && !outbox.about.hasPartner;
  const { partners, withoutPartner } = matchOutboxes(
    stored.filter((outbox) => !isIdle(outbox)),
    triggers,
  );
  const idle = new Set(stored.filter(isIdle));
  const returned = partners.map((partner, index) => {
    if (partner !== undefined) return partner;
    const outbox = [...idle].find(({ about }) => about.name === triggers[index]?.name);
    if (outbox !== undefined) idle.delete(outbox);
    return outbox;
  });
  return { partners: returned, withoutPartner: stored.filter((one) => withoutPartner.includes(one) || idle.has(one)) };
}

/**
 * Adds a window behind all others, under a key of its own and with the idempotency key it keeps; once. The store refuses
 * to overwrite: a key that was used before fails the whole write instead of losing a window.
 *
 * @param name What the idempotency key is made of, beside the window: the name of the outbox when that committed.
 * @returns Whether it was added. False: the outbox holds it.
 */
export function addWindow(
  batch: WriteBatch,
  outbox: StoredOutbox,
  { materialization, window }: AdoptedWindow,
  name: string = outbox.about.name,
): boolean {
  if ([...outbox.windows, ...outbox.parked].some((known) => known.window.run_id === window.run_id)) return false;
  const record: WindowRecord = {
    idempotencyKey: idempotencyKey(materialization, name, window.run_id),
    window,
    // I4: a store that was restored from a copy, or replaced, cannot tell whether it was delivered once.
    maybeSeen: true,
  };
  const place = behind(outbox.windows.at(-1)?.place, window.run_id);
  const key = taskKeys.window(outbox.id, place);
  batch.requireAbsent(key).put(key, record);
  outbox.windows.push({ ...record, place });
  return true;
}

/**
 * The run id itself, unless an endpoint that was restored from an older copy gave the window back: in front of a delivery
 * that is being tried it would be taken for that delivery (I4).
 */
function behind(lastPlace: string | undefined, runId: string): string {
  const last = lastPlace === undefined ? '' : runIdOfPlace(lastPlace);
  return last < runId ? runId : formatRunId(parseRunId(last) + 1n);
}

function goOn(
  batch: WriteBatch,
  outbox: StoredOutbox,
  trigger: CompiledTrigger,
  { now, retryNow }: Opening,
): StoredOutbox {
  let { delivery } = outbox;
  const gotInterval = outbox.about.intervalMs === null && trigger.intervalMs !== undefined;
  if (delivery === undefined && gotInterval && outbox.windows.length > 0) {
    // I4: without an interval the oldest window may have been attempted, so it stays a delivery now that there is one.
    // Uniting it would put new content behind a key its receiver may have seen.
    delivery = untried;
    batch.put(taskKeys.delivery(outbox.id), delivery);
  }
  const isChanged = outbox.about.configHash !== trigger.identity.configHash;
  if (delivery !== undefined && (isChanged || retryNow) && delivery.waitMs > 0) {
    // Somebody changed the trigger, or the receiver: there is no reason to wait out what the old one had earned.
    delivery = { ...delivery, notBeforeAt: null, waitMs: 0 };
    batch.put(taskKeys.delivery(outbox.id), delivery);
  }
  return { ...outbox, delivery, lastFired: firedByNow(batch, outbox, now), about: aboutOf(trigger) };
}

/** When it last fired, and that is not later than now. */
function firedByNow(batch: WriteBatch, { id, lastFired }: StoredOutbox, now: number): StoredOutbox['lastFired'] {
  if (lastFired === undefined || lastFired.at <= now) return lastFired;
  // The clock was stepped back. Durably, because a task that restarts often would wait for ever from each new now.
  const replaced = { ...lastFired, at: now };
  batch.put(taskKeys.lastFired(id), replaced);
  return replaced;
}

function aboutOf(trigger: CompiledTrigger): OutboxRecord {
  return { ...trigger.identity, hasPartner: true, intervalMs: trigger.intervalMs ?? null };
}

/** An outbox nobody goes on with is kept while it holds something or rests, under a name that stays its own. */
function keep(batch: WriteBatch, outbox: StoredOutbox, name: string, now: number): StoredOutbox {
  const kept = { ...outbox, about: { ...outbox.about, name, hasPartner: false } };
  putAbout(batch, kept, outbox.about);
  return { ...kept, lastFired: firedByNow(batch, outbox, now) };
}

/** What is stored already is not written: opening a task of which nothing changed is one durable write, and not two. */
function putAbout(batch: WriteBatch, { id, about }: StoredOutbox, stored: OutboxRecord | undefined): void {
  if (stored === undefined || canonicalJson(stored) !== canonicalJson(about)) batch.put(taskKeys.outbox(id), about);
}

/** Never one that an outbox had which is gone: the commits that told it are kept for a while, and name it. */
function* newIds(
  batch: WriteBatch,
  stored: readonly StoredOutbox[],
  lastOutbox: LastOutboxRecord | undefined,
): Generator<string, never> {
  let last = Math.max(Number(lastOutbox?.id ?? 0), ...stored.map(({ id }) => Number(id)));
  for (;;) {
    last += 1;
    const id = String(last).padStart(6, '0');
    batch.put(taskKeys.lastOutbox, { id });
    yield id;
  }
}
