import type { WriteBatch } from '@aftercommit/persistence';
import { taskKeys } from '@aftercommit/persistence/records';

/** What a key of a task's state holds. */
type Part = 'message' | 'commit' | 'kept' | 'about' | 'window' | 'delivery' | 'parked' | 'last-fired' | 'other';

/**
 * What a write is for. A batch does not say it, but its keys do, and this is the one place that knows. The first that fits:
 * an opening write may also commit what the endpoint brings along, and a commit adds windows.
 */
const writes = [
  /** What a person asked for, and the removal of the message. */
  { name: 'answer-write', deletes: 'message' },
  /** What was found is reconciled: the endpoint's checkpoint, and which outbox each trigger has. */
  { name: 'opening-write', puts: 'about' },
  /** Runtime checkpoint, connector state, and a window for every trigger. */
  { name: 'commit-write', puts: 'commit' },
  /** What waited for an interval becomes a delivery. */
  { name: 'take-write', puts: 'last-fired' },
  { name: 'park-write', puts: 'parked' },
  /** What waits is bounded. */
  { name: 'unite-write', puts: 'window' },
  /** A delivery succeeded. */
  { name: 'clear-write', deletes: 'window' },
  /** An attempt failed. */
  { name: 'failure-write', puts: 'delivery' },
  /** What must be known of the endpoint's rows before any is stored. */
  { name: 'keep-write', puts: 'kept' },
] as const satisfies ReadonlyArray<{ name: string } & ({ puts: Part } | { deletes: Part })>;

/** A write by what it is for. `write`: for none of these, such as the opening of a task without triggers. */
export type WriteName = (typeof writes)[number]['name'] | 'write';

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
