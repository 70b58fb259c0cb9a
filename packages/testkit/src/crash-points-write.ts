import type { WriteBatch } from '@aftercommit/persistence';
import { taskKeys } from '@aftercommit/persistence/records';

/** What a key of a task's state holds. */
type Part = 'message' | 'commit' | 'kept' | 'about' | 'window' | 'delivery' | 'parked' | 'last-fired' | 'other';

/** A write by what it is for. */
export type WriteName =
  /** What a person asked for, and the removal of the message. */
  | 'answer-write'
  /** What was found is reconciled: the endpoint's checkpoint, and which outbox each trigger has. */
  | 'opening-write'
  /** Runtime checkpoint, connector state, and a window for every trigger. */
  | 'commit-write'
  /** What waited for an interval becomes a delivery. */
  | 'take-write'
  /** A delivery failed for good, and is set aside. */
  | 'park-write'
  /** What waits is bounded. */
  | 'unite-write'
  /** A delivery succeeded. */
  | 'clear-write'
  /** An attempt failed, and there will be another. */
  | 'failure-write'
  /** What must be known of the endpoint's rows before any is stored. */
  | 'keep-write'
  /** None of these, such as the opening of a task without triggers. */
  | 'write';

/**
 * A batch does not say what it is for, but its keys do, and this is the one place that knows. The first that fits: an opening
 * write may also commit what the endpoint brings along, and a commit adds windows.
 */
const writes: ReadonlyArray<{ name: WriteName } & ({ puts: Part } | { deletes: Part })> = [
  { name: 'answer-write', deletes: 'message' },
  { name: 'opening-write', puts: 'about' },
  { name: 'commit-write', puts: 'commit' },
  { name: 'take-write', puts: 'last-fired' },
  { name: 'park-write', puts: 'parked' },
  { name: 'unite-write', puts: 'window' },
  { name: 'clear-write', deletes: 'window' },
  { name: 'failure-write', puts: 'delivery' },
  { name: 'keep-write', puts: 'kept' },
];

/** What a write is for, by its keys. */
export function writeName({ changes }: WriteBatch): WriteName {
  const put = new Set<Part>();
  const deleted = new Set<Part>();
  for (const [key, value] of changes) (value === undefined ? deleted : put).add(partOf(key));
  const write = writes.find((one) => ('puts' in one ? put.has(one.puts) : deleted.has(one.deletes)));
  return write?.name ?? 'write';
}

function partOf(key: string): Part {
  if (key.startsWith(taskKeys.mailbox)) return 'message';
  if (key.startsWith(taskKeys.commits)) return 'commit';
  if (key === taskKeys.connectorState || key.startsWith(taskKeys.largestKeys)) return 'kept';
  const [, id = '', , place = ''] = key.split('/');
  if (key === taskKeys.outbox(id)) return 'about';
  if (key === taskKeys.window(id, place)) return 'window';
  if (key === taskKeys.delivery(id)) return 'delivery';
  if (key === taskKeys.parked(id, place)) return 'parked';
  return key === taskKeys.lastFired(id) ? 'last-fired' : 'other';
}
