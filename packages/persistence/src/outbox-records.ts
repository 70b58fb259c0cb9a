import type { Json, Window } from '@aftercommit/models';
import { StoreError } from './store-error.js';
import { taskKeys } from './task-records.js';

/** Whose outbox it is: what its trigger looked like at the last opening, by which the next one finds its partner. */
export type OutboxRecord = {
  /** Its trigger's. */
  name: string;
  /** Whether the name was given by the configuration, or derived. */
  nameConfigured: boolean;
  /** Its trigger's kind. */
  kind: string;
  /** Over all protected fields that are not secret. */
  targetHash: string;
  /** Over the template. */
  templateHash: string;
  /** Over every field that is not secret: a change lifts the wait of a delivery that failed. */
  configHash: string;
  /** Whether a trigger had it at the last opening. One without is kept, and fires no more. */
  hasPartner: boolean;
  /** The interval it last ran with, in milliseconds. Null: it ran without, and its oldest window is always a delivery. */
  intervalMs: number | null;
  /** What its trigger last did with a delivery that failed for good. Absent: an earlier version did not say. */
  onFailure?: 'block' | 'park';
};

/** Which commits a delivery is of. */
export type Coverage = {
  /** Of a union: the run id of its last transaction, that of its first being the window's. Absent: it is of one alone. */
  through?: string;
  /** The endpoint brought the window along: a store that was replaced meanwhile cannot tell whether its key was seen. */
  maybeSeen?: true;
};

/** One window in an outbox. Never changed once an attempt was made. */
export type WindowRecord = Coverage & {
  /** Stored with the window and never computed again: it stays the same under any later configuration. */
  idempotencyKey: string;
  /** What the payload is rendered from, at each attempt anew. */
  window: Window;
  /** It was parked, and a person had it replayed: a receiver may have seen its key, and it waits for no interval. */
  replayed?: true;
};

/** How the oldest window of an outbox stands as a delivery. Absent: it was not attempted, or not taken yet. */
export type DeliveryRecord = {
  /** Rounds that ended without success. */
  rounds: number;
  /** Attempts that failed in the present round. */
  attempts: number;
  /** Not before this instant, in milliseconds since the Unix epoch; null: at once. */
  notBeforeAt: number | null;
  /** How long that wait was when it began, in milliseconds: a clock that stepped back makes it no longer. */
  waitMs: number;
  /** When the first attempt failed, in milliseconds since the Unix epoch; null: none did. */
  failingSinceAt: number | null;
  /** Why the last attempt failed, scrubbed of secrets; null: none did. */
  reason: string | null;
};

/** A delivery that was set aside durably after its round was over, so that its lane went on: the window, and what happened. */
export type ParkedRecord = Pick<WindowRecord, 'idempotencyKey' | 'window' | keyof Coverage> & {
  /** In milliseconds since the Unix epoch. */
  parkedAt: number;
  /** When its first attempt failed, in milliseconds since the Unix epoch. */
  failingSinceAt: number;
  /** Attempts of the round that was its last. */
  attempts: number;
  /** `exhausted`: every attempt of the round failed. `rejected`: the last one was refused for good. */
  outcome: 'exhausted' | 'rejected';
  /** Why the last attempt failed, scrubbed of secrets. */
  reason: string;
};

/** An outbox parks no more than this many deliveries (I9). */
export const parkedLimit = 1_000;

/** Of so many deliveries, those with the largest run ids, an outbox keeps how they ended (I9). */
export const doneLimit = 1_000;

/** How a delivery ended that is neither waiting nor parked any more. Evidence for people and audits. */
export type DoneRecord = Coverage & {
  /** `delivered`: its receiver accepted it. `dropped`: it was parked, and a person gave it up. */
  ended: 'delivered' | 'dropped';
  /** In milliseconds since the Unix epoch. */
  at: number;
  /** Attempts of the round that was its last. */
  attempts: number;
  /** Documents that the delivery was of. */
  docsTotal: number;
  /** An endpoint of an older copy brought its first window along once more, and the delivery of that ended, too. */
  again?: true;
};

/** When a lane with an interval last took a delivery. */
export type LastFiredRecord = {
  /** In milliseconds since the Unix epoch. */
  at: number;
  /** Which one: as long as it is the oldest window, there is a `DeliveryRecord`. */
  runId: string;
};

/** An outbox as it is stored. */
export type StoredOutbox = {
  /** Six digits, which stand in its keys. */
  id: string;
  /** Whose it is. */
  about: OutboxRecord;
  /** Oldest first. */
  windows: Array<
    WindowRecord & {
      /** Where it stands in the queue: the end of its key. */
      place: string;
    }
  >;
  /** How the delivery being tried stands. Undefined: none was attempted, or may have been. */
  delivery: DeliveryRecord | undefined;
  /** In the order in which their windows were committed. */
  parked: ParkedRecord[];
  /** Undefined: it never took a delivery, or its trigger has no interval. */
  lastFired: LastFiredRecord | undefined;
};

/**
 * The outboxes among the entries under `taskKeys.outboxes`, oldest first.
 *
 * @throws StoreError `STORE_CORRUPT` when an outbox does not say whose it is, or holds a key this version cannot place.
 */
export function readOutboxes(entries: Array<[string, Json]>): StoredOutbox[] {
  const outboxes = new Map<string, Omit<StoredOutbox, 'about'> & { about: OutboxRecord | undefined }>();
  for (const [key, value] of entries) {
    const [, id = '', part = '', place = ''] = key.split('/');
    const outbox = outboxes.get(id) ?? { ...emptyOutbox(id), about: undefined };
    outboxes.set(id, outbox);
    if (part === 'about') outbox.about = value as OutboxRecord;
    else if (part === 'window') outbox.windows.push({ ...(value as WindowRecord), place });
    else if (part === 'delivery') outbox.delivery = value as DeliveryRecord;
    else if (part === 'parked') outbox.parked.push(value as ParkedRecord);
    else if (part === 'last-fired') outbox.lastFired = value as LastFiredRecord;
    else throw corrupt(`The key "${key}" is none that this version of aftercommit writes.`);
  }
  return [...outboxes.values()].map(({ about, ...outbox }) => {
    if (about === undefined) throw corrupt(`Outbox ${outbox.id} does not say which trigger it belongs to.`);
    return { ...outbox, about };
  });
}

/** An outbox that holds nothing and fired never. */
export function emptyOutbox(id: string): Omit<StoredOutbox, 'about'> {
  return { id, windows: [], delivery: undefined, parked: [], lastFired: undefined };
}

/** How a delivery ended, under the run id of its window. */
export type DoneDelivery = DoneRecord & {
  /** That of its window; the first one's, where several were united. */
  runId: string;
};

/** How deliveries of an outbox ended, in the order in which their windows were committed: the entries under its `taskKeys.doneOf`. */
export function readDone(id: string, entries: ReadonlyArray<readonly [key: string, value: Json]>): DoneDelivery[] {
  const prefix = taskKeys.doneOf(id);
  return entries.map(([key, value]) => ({ ...(value as DoneRecord), runId: key.slice(prefix.length) }));
}

/** What the receiver accepted last. Undefined: nothing, as far as it is kept how deliveries ended. */
export function lastDelivered(done: readonly DoneDelivery[]): DoneDelivery | undefined {
  const delivered = done.filter(({ ended }) => ended === 'delivered');
  const latestAt = delivered.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
  return delivered.findLast(({ at }) => at === latestAt);
}

/** Which commits a delivery is of, to be kept with it wherever it goes. */
export function coverageOf({ through, maybeSeen }: Coverage): Coverage {
  return { ...(through === undefined ? {} : { through }), ...(maybeSeen === undefined ? {} : { maybeSeen }) };
}

/** Every key of an outbox, as it is stored, but for those under its `taskKeys.doneOf`. */
export function keysOfOutbox({ id, windows, parked }: StoredOutbox): string[] {
  return [
    taskKeys.outbox(id),
    ...windows.map(({ place }) => taskKeys.window(id, place)),
    taskKeys.delivery(id),
    ...parked.map(({ window }) => taskKeys.parked(id, window.run_id)),
    taskKeys.lastFired(id),
  ];
}

function corrupt(problem: string): StoreError {
  return new StoreError('STORE_CORRUPT', `${problem} The state was damaged or written by a newer version: restore it.`);
}
