import { isEmpty } from '@aftercommit/delivery/commit-loop';
import { parkedLimit, type StoredOutbox } from '@aftercommit/persistence/records';

/**
 * A trigger that does not get on, or that left something behind that nobody delivers by itself.
 *
 * - `failing`: its delivery is tried again and again.
 * - `full`: the same, and it cannot be parked, because too many are.
 * - `parked`: deliveries were set aside.
 * - `overdue`: something is due for minutes, and no attempt has failed: no run goes on, or one attempt does not end.
 * - `without-trigger`: what is in the outbox is kept, and nobody delivers it.
 */
export type StuckTrigger = {
  /** Its name, which is that of its outbox. */
  trigger: string;
  why: 'failing' | 'full' | 'parked' | 'overdue' | 'without-trigger';
  /** Since when, in milliseconds since 1970. Null: that is not stored. */
  sinceAt: number | null;
  /** Windows or deliveries that it is about. */
  count: number;
  /** Windows that wait in its outbox. */
  waiting: number;
  /** Deliveries that are set aside in it. */
  parked: number;
  /** Why the last attempt failed, as it was stored: without the secrets of then. Null: none did. */
  reason: string | null;
};

/** What is due and not attempted for so long is not about to be. Longer than attempts usually take. */
const overdueAfterMs = 5 * 60_000;

/**
 * Why the trigger of an outbox is stuck: for one reason, or for two where something is parked, too. Empty: it is not.
 *
 * @param now In milliseconds since 1970.
 */
export function stuckTriggers(outbox: StoredOutbox, now: number): StuckTrigger[] {
  if (!outbox.about.hasPartner) return isEmpty(outbox) ? [] : [withoutTrigger(outbox)];
  return [...(failing(outbox) ?? overdue(outbox, now) ?? []), ...parked(outbox)];
}

function stuck(
  { about, windows, parked: aside }: StoredOutbox,
  how: Pick<StuckTrigger, 'why' | 'sinceAt' | 'count' | 'reason'>,
): StuckTrigger {
  return { trigger: about.name, ...how, waiting: windows.length, parked: aside.length };
}

function withoutTrigger(outbox: StoredOutbox): StuckTrigger {
  const count = outbox.windows.length + outbox.parked.length;
  return stuck(outbox, { why: 'without-trigger', sinceAt: null, count, reason: null });
}

function failing(outbox: StoredOutbox): StuckTrigger[] | undefined {
  const { about, windows, delivery } = outbox;
  if (windows.length === 0 || delivery === undefined || delivery.failingSinceAt === null) return undefined;
  const why = about.onFailure === 'park' && outbox.parked.length >= parkedLimit ? 'full' : 'failing';
  const { failingSinceAt: sinceAt, reason } = delivery;
  return [stuck(outbox, { why, sinceAt, count: windows.length, reason })];
}

function overdue(outbox: StoredOutbox, now: number): StuckTrigger[] | undefined {
  const { about, windows, lastFired } = outbox;
  // When a replayed one became due is not stored.
  const oldest = windows.find(({ replayed }) => replayed !== true);
  if (oldest === undefined) return undefined;
  const committedAt = Date.parse(oldest.window.run_id);
  const dueAt = Math.max(committedAt, lastFired === undefined ? 0 : lastFired.at + (about.intervalMs ?? 0));
  if (now - dueAt < overdueAfterMs) return undefined;
  return [stuck(outbox, { why: 'overdue', sinceAt: dueAt, count: windows.length, reason: null })];
}

function parked(outbox: StoredOutbox): StuckTrigger[] {
  const last = outbox.parked.at(-1);
  if (last === undefined) return [];
  const sinceAt = Math.min(...outbox.parked.map(({ parkedAt }) => parkedAt));
  return [stuck(outbox, { why: 'parked', sinceAt, count: outbox.parked.length, reason: last.reason })];
}
