import type { Json, Window } from '@aftercommit/models';
import { mailboxPrefix } from './mailbox.js';

/**
 * What the state of a task consists of, and under which keys. This is the whole layout:
 *
 * ```
 * commit/0000000000000042                              the last commit: CommitRecord
 * committed/0000000000000042                             a commit that outboxes were told of: CommittedRecord
 * outbox/000001/about                                    whose outbox it is: OutboxRecord
 * outbox/000001/window/2024-06-15T12:30:00.000000Z       a window waiting or being delivered: WindowRecord
 * outbox/000001/delivery                                 how the delivery being tried stands: DeliveryRecord
 * outbox/000001/parked/2024-06-15T12:30:00.000000Z       a delivery that was set aside: ParkedRecord
 * outbox/000001/last-fired                               when the lane last took a window: LastFiredRecord
 * done/000001/2024-06-15T12:30:00.000000Z              how a delivery of an outbox ended: DoneRecord
 * last-outbox                                          above which the id of a new outbox is: LastOutboxRecord
 * last-run                                             below which no run id may fall: LastRunRecord
 * connector-state                                      what the connector asked to have kept: its own
 * largest-key/["weather"]                              above which every key of a binding is new: LargestKeyRecord
 * mailbox/…                                            messages of people to the session: OutboxRequest
 * ```
 *
 * Run ids have one length and rise with every commit, so the windows of an outbox are in commit order by their keys. A
 * window that was replayed stands behind one that was not delivered yet: its place is that one's run id with a number
 * (see `place.ts`). Parked ones, and how deliveries ended, are kept by the run id of their window, whatever place they had.
 *
 * `committed/` and `done/` are evidence: no delivery depends on them. An audit finds with them, for each of the last
 * commits, what became of it in each outbox. They lie apart from what deliveries depend on: who opens a task reads none of
 * them, however many there are.
 */
export const taskKeys = {
  /** Below it is the last commit. */
  commits: 'commit/',
  /** A commit. */
  commit: (number: number): string => `commit/${String(number).padStart(16, '0')}`,
  /** Below it are the last commits that outboxes were told of. */
  committed: 'committed/',
  /** One of them. */
  committedCommit: (number: number): string => `committed/${String(number).padStart(16, '0')}`,
  /** Below which no run id may fall. */
  lastRun: 'last-run',
  /** Above which the id of a new outbox is. */
  lastOutbox: 'last-outbox',
  /** What the connector asked to have kept. */
  connectorState: 'connector-state',
  /** Below it are the largest keys of all bindings. */
  largestKeys: 'largest-key/',
  /** That of one, by its resource. */
  largestKey: (resourcePath: readonly string[]): string => `largest-key/${JSON.stringify(resourcePath)}`,
  /** Below it is everything in outboxes, but for how deliveries ended. */
  outboxes: 'outbox/',
  /** Whose outbox it is. */
  outbox: (id: string): string => `outbox/${id}/about`,
  /** A window in it. */
  window: (id: string, place: string): string => `outbox/${id}/window/${place}`,
  /** How the delivery being tried stands. */
  delivery: (id: string): string => `outbox/${id}/delivery`,
  /** A delivery that was set aside. */
  parked: (id: string, runId: string): string => `outbox/${id}/parked/${runId}`,
  /** Below it is how deliveries of an outbox ended. */
  doneOf: (id: string): string => `done/${id}/`,
  /** How one of them ended. */
  done: (id: string, runId: string): string => `done/${id}/${runId}`,
  /** When its lane last took a window. */
  lastFired: (id: string): string => `outbox/${id}/last-fired`,
  /** Below it are messages of people to the session. */
  mailbox: mailboxPrefix,
};

/**
 * How far a task is: the host's position, and what identifies the transaction that brought it there. Opaque to stores
 * and endpoints, which only keep it. It carries its own transaction's window, so that an endpoint that commits it with
 * its rows can never be ahead of the store by a window that nobody knows.
 */
export type RuntimeCheckpoint = {
  /** Random: no other transaction has it. */
  transactionId: string;
  /** The transaction before it, null for the first. */
  parentId: string | null;
  /** When the transaction began. */
  runId: string;
  /** Null: the transaction had no documents. */
  window: Window | null;
  /** The host's own: how far each source was read. */
  position: Json;
};

/** The last commit. */
export type CommitRecord = {
  /** How far the task is with it. */
  runtimeCheckpoint: RuntimeCheckpoint;
  /** Who owned the runtime checkpoint when it was committed. */
  owner: 'store' | 'endpoint';
};

/** A task keeps a `CommittedRecord` of so many commits (I9). */
export const committedLimit = 1_000;

/** One of the last commits that had documents, and outboxes to tell of them. Without position: that can be large. */
export type CommittedRecord = {
  /** When its transaction began. */
  runId: string;
  /** Source documents that it read. */
  docsTotal: number;
  /** Their bytes as read. */
  bytesTotal: number;
  /** Ids of the outboxes that were given its window in the same write. */
  outboxes: string[];
  /** The number of the commit that had such a record before this one; null: none had. */
  previous: number | null;
  /** The endpoint committed it, and the task learnt of it at its next opening. */
  adopted?: true;
};

/**
 * What a task whose runtime checkpoint was replaced by an older one of the endpoint, or by none, must not forget.
 */
export type LastRunRecord = {
  /** The latest run id: one that was given out must never be given out again, or two deliveries would have one key. */
  runId: string;
  /** Of a task that began again: the number of its last commit, above which that of the next one is. Absent: it has one. */
  commit?: number;
};

/** The id that was given to an outbox last: none is ever given to two, or a commit would name the wrong one. */
export type LastOutboxRecord = {
  /** Six digits. */
  id: string;
};

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

/** A commit with its number. */
export type LastCommit = {
  /** Counted up from commit to commit of the task. */
  number: number;
  /** What was stored with it. */
  record: CommitRecord;
};

/** The last commit among the entries under `taskKeys.commits`, with its number; undefined: the task never committed. */
export function readLastCommit(entries: Array<[string, Json]>): LastCommit | undefined {
  const last = entries.at(-1);
  if (last === undefined) return undefined;
  const [key, value] = last;
  return { number: Number(key.slice(taskKeys.commits.length)), record: value as CommitRecord };
}
