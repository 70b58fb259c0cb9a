import type { Json } from '@aftercommit/models';
import type {
  DeliveryRecord,
  LastFiredRecord,
  OutboxRecord,
  ParkedRecord,
  WindowRecord,
} from '@aftercommit/persistence/records';
import type { AppliedWrite } from '../world/disk.js';

/** A write's changes to one outbox. */
export type OutboxChanges = {
  windows: Array<{ place: string; before: WindowRecord | undefined; after: WindowRecord | undefined }>;
  parked: Array<{ runId: string; before: ParkedRecord | undefined; after: ParkedRecord | undefined }>;
  about: { before: OutboxRecord | undefined; after: OutboxRecord | undefined } | undefined;
  delivery: { before: DeliveryRecord | undefined; after: DeliveryRecord | undefined } | undefined;
  lastFired: { after: LastFiredRecord | undefined } | undefined;
  /** Run ids of deliveries of which it is written how they ended. */
  done: Set<string>;
};

/** By the ids of the outboxes. */
export function outboxChanges({ changes }: AppliedWrite): Map<string, OutboxChanges> {
  const outboxes = new Map<string, OutboxChanges>();
  for (const [key, { before, after }] of changes) {
    const [root, id = '', part = '', place = ''] = key.split('/');
    if (root !== 'outbox' && root !== 'done') continue;
    const outbox = outboxes.get(id) ?? {
      windows: [],
      parked: [],
      about: undefined,
      delivery: undefined,
      lastFired: undefined,
      done: new Set(),
    };
    outboxes.set(id, outbox);
    if (part === 'window') outbox.windows.push({ place, before: record(before), after: record(after) });
    if (part === 'parked') outbox.parked.push({ runId: place, before: record(before), after: record(after) });
    if (part === 'about') outbox.about = { before: record(before), after: record(after) };
    if (part === 'delivery') outbox.delivery = { before: record(before), after: record(after) };
    if (part === 'last-fired') outbox.lastFired = { after: record(after) };
    if (root === 'done' && after !== undefined) outbox.done.add(part);
  }
  return outboxes;
}

/** Whether the outbox is no more. */
export function isRemoved({ about }: OutboxChanges): boolean {
  return about?.before !== undefined && about.after === undefined;
}

function record<Record>(value: Json | undefined): Record | undefined {
  return value as Record | undefined;
}
