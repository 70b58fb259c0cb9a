import type { Json, Window } from '@aftercommit/models';
import { StoreError } from './store-error.js';

/**
 * What the state of a task consists of, and under which keys. This is the whole layout:
 *
 * ```
 * commit/0000000000000042                              the last commit: CommitRecord
 * outbox/000001/about                                    whose outbox it is: OutboxRecord
 * outbox/000001/window/2024-06-15T12:30:00.000000Z       a window waiting or being delivered: WindowRecord
 * outbox/000001/delivery                                 how the delivery being tried stands: DeliveryRecord
 * outbox/000001/last-fired                               when the lane last took a window: LastFiredRecord
 * last-run                                             below which no run id may fall: LastRunRecord
 * connector-state                                      what the connector asked to have kept: its own
 * largest-key/["weather"]                              above which every key of a binding is new: LargestKeyRecord
 * mailbox/…                                            messages of people to the session
 * ```
 *
 * Run ids have one length and rise with every commit, so the windows of an outbox are in commit order by their keys.
 */
export const taskKeys = {
  commits: 'commit/',
  commit: (number: number): string => `commit/${String(number).padStart(16, '0')}`,
  lastRun: 'last-run',
  connectorState: 'connector-state',
  largestKeys: 'largest-key/',
  largestKey: (resourcePath: readonly string[]): string => `largest-key/${JSON.stringify(resourcePath)}`,
  outboxes: 'outbox/',
  outbox: (id: string): string => `outbox/${id}/about`,
  window: (id: string, runId: string): string => `outbox/${id}/window/${runId}`,
  delivery: (id: string): string => `outbox/${id}/delivery`,
  lastFired: (id: string): string => `outbox/${id}/last-fired`,
};

/**
 * How far a task is: the host's position, and what identifies the transaction that brought it there. Opaque to stores
 * and endpoints, which only keep it. It carries its own transaction's window, so that an endpoint that commits it with
 * its rows can never be ahead of the store by a window that nobody knows.
 */
export type RuntimeCheckpoint = {
  transactionId: string;
  /** The transaction before it, null for the first. */
  parentId: string | null;
  runId: string;
  /** Null: the transaction had no documents. */
  window: Window | null;
  /** The host's own: how far each source was read. */
  position: Json;
};

/** The last commit. */
export type CommitRecord = {
  runtimeCheckpoint: RuntimeCheckpoint;
  /** Who owned the runtime checkpoint when it was committed. */
  owner: 'store' | 'endpoint';
};

/**
 * The latest run id of a task whose runtime checkpoint was replaced by an older one of the endpoint: a run id that was
 * given out before must never be given out again, or two deliveries would have one idempotency key.
 */
export type LastRunRecord = { runId: string };

/**
 * The largest key that a binding's resource may hold. Only a binding whose resource was known to be empty once has one: a
 * key above it is known to be new, and is not looked up.
 */
export type LargestKeyRecord = {
  /** The collection's key, as JSON pointers: keys of another one cannot be compared. */
  key: string[];
  /** The packed key, in hexadecimal digits; `''`: the resource holds nothing. */
  largest: string;
  /** The transaction that raised it last, which may not have been committed; null: none did. */
  transactionId: string | null;
  /**
   * The transaction after whose commit the resource was found empty; null: before any. As long as nothing was committed
   * since, an endpoint that was restored from a copy may hold rows that nobody knows of.
   */
  emptyAfter: string | null;
};

/** Whose outbox it is: what its trigger looked like at the last opening, by which the next one finds its partner. */
export type OutboxRecord = {
  name: string;
  /** Whether the name was given by the configuration, or derived. */
  nameConfigured: boolean;
  kind: string;
  /** Over all protected fields that are not secret. */
  targetHash: string;
  templateHash: string;
  /** Over every field that is not secret: a change lifts the wait of a delivery that failed. */
  configHash: string;
  /** Whether a trigger had it at the last opening. One without is kept, and fires no more. */
  hasPartner: boolean;
  /** Whether it last ran with an interval: without, its oldest window is always a delivery. */
  hasInterval: boolean;
};

/** One window in an outbox. Never changed once an attempt was made. */
export type WindowRecord = {
  /** Stored with the window and never computed again: it stays the same under any later configuration. */
  idempotencyKey: string;
  window: Window;
  /** The endpoint brought the window along: a store that was replaced meanwhile cannot tell whether its key was seen. */
  maybeSeen?: true;
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

/** When a lane with an interval last took a window: milliseconds since the Unix epoch. */
export type LastFiredRecord = { at: number };

/** An outbox as it is stored. */
export type StoredOutbox = {
  id: string;
  about: OutboxRecord;
  /** Oldest first. */
  windows: Array<WindowRecord & { runId: string }>;
  delivery: DeliveryRecord | undefined;
  lastFired: LastFiredRecord | undefined;
};

/** The last commit among the entries under `taskKeys.commits`, with its number; undefined: the task never committed. */
export function readLastCommit(entries: Array<[string, Json]>): { number: number; record: CommitRecord } | undefined {
  const last = entries.at(-1);
  if (last === undefined) return undefined;
  const [key, value] = last;
  return { number: Number(key.slice(taskKeys.commits.length)), record: value as CommitRecord };
}

/**
 * The outboxes among the entries under `taskKeys.outboxes`, oldest first.
 *
 * @throws StoreError `STORE_CORRUPT` when an outbox does not say whose it is, or holds a key this version cannot place.
 */
export function readOutboxes(entries: Array<[string, Json]>): StoredOutbox[] {
  const outboxes = new Map<string, Omit<StoredOutbox, 'about'> & { about: OutboxRecord | undefined }>();
  for (const [key, value] of entries) {
    const [, id = '', part = '', runId = ''] = key.split('/');
    const outbox = outboxes.get(id) ?? { id, about: undefined, windows: [], delivery: undefined, lastFired: undefined };
    outboxes.set(id, outbox);
    if (part === 'about') outbox.about = value as OutboxRecord;
    else if (part === 'window') outbox.windows.push({ ...(value as WindowRecord), runId });
    else if (part === 'delivery') outbox.delivery = value as DeliveryRecord;
    else if (part === 'last-fired') outbox.lastFired = value as LastFiredRecord;
    else throw corrupt(`The key "${key}" is none that this version of aftercommit writes.`);
  }
  return [...outboxes.values()].map(({ about, ...outbox }) => {
    if (about === undefined) throw corrupt(`Outbox ${outbox.id} does not say which trigger it belongs to.`);
    return { ...outbox, about };
  });
}

function corrupt(problem: string): StoreError {
  return new StoreError('STORE_CORRUPT', `${problem} The state was damaged or written by a newer version: restore it.`);
}
