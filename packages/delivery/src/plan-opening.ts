import { formatRunId, parseRunId, type Window } from '@aftercommit/models';
import {
  emptyOutbox,
  type LastOutboxRecord,
  type OutboxRecord,
  runIdOfPlace,
  type StoredOutbox,
  type WindowRecord,
} from '@aftercommit/persistence/records';
import type { CompiledTrigger } from './compiled-trigger.js';
import { untried } from './delivery-round.js';
import { idempotencyKey } from './idempotency-key.js';
import { isEmpty, matchOutboxes } from './match-outboxes.js';
import type { MatchRule } from './matching-rules.js';
import { restingOutboxes } from './resting-outboxes.js';
import { firstFree } from './trigger-identity.js';

/** A window that the endpoint brings along. */
export type AdoptedWindow = {
  /** The task. */
  materialization: string;
  /** What the endpoint's runtime checkpoint carried. */
  window: Window;
};

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

/** What an opening makes of every outbox. Nothing is written: `openOutboxes` does that. */
export type PlannedOpening = {
  /** In the order of the triggers. */
  triggers: PlannedTrigger[];
  /** Those that no trigger goes on with, in the order in which they are stored. */
  withoutTrigger: PlannedLeftover[];
  /** The id that was given to a new outbox last. Undefined: there is no new one. */
  lastOutbox: LastOutboxRecord | undefined;
};

/** What a trigger goes on with. */
export type PlannedTrigger = {
  trigger: CompiledTrigger;
  /** As it is stored. Undefined: the trigger starts with an empty one. */
  before: StoredOutbox | undefined;
  /** Why it goes on with that. Undefined with `before`. */
  rule: MatchRule | undefined;
  /** As it will be stored. */
  outbox: StoredOutbox;
};

/** What becomes of an outbox that no trigger goes on with. */
export type PlannedLeftover = {
  before: StoredOutbox;
  /** As it will be stored. Undefined: it is empty, its interval is over, and it is removed. */
  outbox: StoredOutbox | undefined;
};

/**
 * Which outbox each trigger goes on with, and what becomes of the others. Changes nothing of what it is given. This is the one
 * place where it is decided: whoever opens a task writes it, and whoever asks what an opening would do is told it.
 */
export function planOpening(
  stored: readonly StoredOutbox[],
  triggers: readonly CompiledTrigger[],
  opening: Opening,
): PlannedOpening {
  const { adopted, now } = opening;
  const tell = (outbox: StoredOutbox, name: string): StoredOutbox =>
    adopted === undefined ? outbox : withWindow(outbox, adopted, name);
  // Before matching: an outbox that receives the window is not empty, and so can be found by rule 4.
  const told = stored.map((outbox) => (outbox.about.hasPartner ? tell(outbox, outbox.about.name) : outbox));
  const before = new Map(told.map((outbox, index) => [outbox, stored[index] ?? outbox]));
  const keyed = new Set(stored.flatMap(({ about }) => (about.hasPartner ? [about.name] : [])));

  const { partners, withoutPartner } = matchOutboxes(
    told,
    triggers.map((trigger) => trigger.identity),
  );
  let lastOutbox: LastOutboxRecord | undefined;
  const planned = triggers.map((trigger, index): PlannedTrigger => {
    const { outbox: found, rule } = partners[index] ?? {};
    if (found === undefined) lastOutbox = nextId(stored, lastOutbox ?? opening.lastOutbox);
    const outbox =
      found === undefined
        ? { ...emptyOutbox(lastOutbox?.id ?? ''), about: aboutOf(trigger) }
        : goOn(found, trigger, opening);
    // I1: under a key that went to another outbox by this name, a receiver of both would take it for a repetition.
    const name = keyed.has(trigger.name) ? `${trigger.name}/${outbox.id}` : trigger.name;
    return { trigger, before: found && before.get(found), rule, outbox: tell(outbox, name) };
  });

  const names = new Set(triggers.map((trigger) => trigger.name));
  const taken = new Set([...names, ...withoutPartner.map(({ about }) => about.name)]);
  const resting = restingOutboxes(withoutPartner, now);
  const withoutTrigger = withoutPartner.map((outbox): PlannedLeftover => {
    const stands = before.get(outbox) ?? outbox;
    const isNamesake = names.has(outbox.about.name);
    if (isEmpty(outbox) && (!resting.has(outbox) || isNamesake)) return { before: stands, outbox: undefined };
    const name = isNamesake ? firstFree(outbox.about.name, taken) : outbox.about.name;
    taken.add(name);
    return { before: stands, outbox: kept(outbox, name, now) };
  });
  return { triggers: planned, withoutTrigger, lastOutbox };
}

/**
 * The outbox with a window behind all others, and the idempotency key that it keeps; the outbox itself if it holds it.
 *
 * @param name What the idempotency key is made of, beside the window: the name of the outbox when that committed.
 */
export function withWindow(
  outbox: StoredOutbox,
  { materialization, window }: AdoptedWindow,
  name: string = outbox.about.name,
): StoredOutbox {
  if ([...outbox.windows, ...outbox.parked].some((known) => known.window.run_id === window.run_id)) return outbox;
  const record: WindowRecord = {
    idempotencyKey: idempotencyKey(materialization, name, window.run_id),
    window,
    // I4: a store that was restored from a copy, or replaced, cannot tell whether it was delivered once.
    maybeSeen: true,
  };
  const place = behind(outbox.windows.at(-1)?.place, window.run_id);
  return { ...outbox, windows: [...outbox.windows, { ...record, place }] };
}

/**
 * The run id itself, unless an endpoint that was restored from an older copy gave the window back: in front of a delivery
 * that is being tried it would be taken for that delivery (I4).
 */
function behind(lastPlace: string | undefined, runId: string): string {
  const last = lastPlace === undefined ? '' : runIdOfPlace(lastPlace);
  return last < runId ? runId : formatRunId(parseRunId(last) + 1n);
}

function goOn(outbox: StoredOutbox, trigger: CompiledTrigger, { now, retryNow }: Opening): StoredOutbox {
  let { delivery } = outbox;
  const gotInterval = outbox.about.intervalMs === null && trigger.intervalMs !== undefined;
  // I4: without an interval the oldest window may have been attempted, so it stays a delivery now that there is one.
  // Uniting it would put new content behind a key its receiver may have seen.
  if (delivery === undefined && gotInterval && outbox.windows.length > 0) delivery = untried;
  const isChanged = outbox.about.configHash !== trigger.identity.configHash;
  if (delivery !== undefined && (isChanged || retryNow) && delivery.waitMs > 0) {
    // Somebody changed the trigger, or the receiver: there is no reason to wait out what the old one had earned.
    delivery = { ...delivery, notBeforeAt: null, waitMs: 0 };
  }
  return { ...outbox, delivery, lastFired: firedByNow(outbox, now), about: aboutOf(trigger) };
}

/**
 * When it last fired, and that is not later than now: the clock may have been stepped back, and a task that restarts often
 * would wait for ever from each new now.
 */
function firedByNow({ lastFired }: StoredOutbox, now: number): StoredOutbox['lastFired'] {
  return lastFired === undefined || lastFired.at <= now ? lastFired : { ...lastFired, at: now };
}

function aboutOf({ identity, intervalMs, onFailure }: CompiledTrigger): OutboxRecord {
  return { ...identity, hasPartner: true, intervalMs: intervalMs ?? null, onFailure };
}

/** An outbox nobody goes on with is kept while it holds something or rests, under a name that stays its own. */
function kept(outbox: StoredOutbox, name: string, now: number): StoredOutbox {
  return { ...outbox, about: { ...outbox.about, name, hasPartner: false }, lastFired: firedByNow(outbox, now) };
}

/** Never one that an outbox had which is gone: the commits that told it are kept for a while, and name it. */
function nextId(stored: readonly StoredOutbox[], last: LastOutboxRecord | undefined): LastOutboxRecord {
  const highest = Math.max(Number(last?.id ?? 0), ...stored.map(({ id }) => Number(id)));
  return { id: String(highest + 1).padStart(6, '0') };
}
