import { type Document, mergePatch } from '@aftercommit/models';
import { expect } from 'vitest';
import type { Received } from './command-line-crash-receiver.js';
import type { Kill, StoryRun } from './command-line-crash-run.js';
import { type CrashStory, type TriggerName, triggerNames } from './command-line-crash-story.js';

/** A killed run, and what it left. */
export type KilledRun = {
  kill: Kill;
  run: StoryRun;
  /** The keys of what each trigger held. */
  held: Record<TriggerName, string[]>;
  /** How many deliveries that the receiver had accepted were repeated after it. */
  repeated: number;
};

/** What must be there when a story is over, whatever happened in it. */
export async function checkEnd(story: CrashStory, parkedKeys: readonly string[]): Promise<void> {
  checkRows(story);
  const commits = deliveriesOf(story, 'block');
  checkVisible(story, commits);
  for (const trigger of triggerNames) checkDeliveries(story, trigger, commits);
  const outboxes = await story.outboxes();
  for (const trigger of triggerNames) {
    expect(keysOf(outboxes[trigger].windows), `${trigger}: left in the outbox`).toEqual([]);
    const parked = trigger === 'park' ? parkedKeys : [];
    expect(keysOf(outboxes[trigger].parked), `${trigger}: parked`).toEqual(parked);
    expect(keysOf(neverAccepted(story, trigger)), `${trigger}: never accepted`).toEqual(parked);
  }
}

/**
 * I7, exactly: what a killed run attempted is attempted again if and only if its clear was not durable. And only where the
 * point allows it.
 *
 * @returns How many deliveries that the receiver had accepted were repeated.
 */
export function checkRepeated(story: CrashStory, { kill, run, held }: Omit<KilledRun, 'repeated'>): number {
  const epoch = run.events.find(({ event }) => event === 'opened')?.epoch;
  const repeated = triggerNames.map((trigger) => {
    const received = story.received(trigger);
    const attempted = received.filter((request) => request.epoch === epoch);
    const keys = [...new Set(attempted.map(({ key }) => key))];
    const again = keys.filter((key) => received.some((later) => later.key === key && isLater(later, epoch)));
    expect(again, `${trigger}: attempted again`).toEqual(keys.filter((key) => held[trigger].includes(key)));
    const accepted = again.filter((key) => attempted.some((request) => request.key === key && request.status === 200));
    expect(again.length, `${trigger}: attempted again`).toBeLessThanOrEqual(mostAgain(kill.point, trigger));
    return { again: again.length, accepted: accepted.length };
  });
  if (run.isKilled && isBeforeClear.test(kill.point))
    expect(sum(repeated.map(({ again }) => again))).toBeGreaterThan(0);
  return sum(repeated.map(({ accepted }) => accepted));
}

/** The receiver has answered, and what follows from it is not durable. */
const isBeforeClear = /^(after-attempt|before-(clear|park|failure)-write)$/;
/** No attempt was made yet, or everything is over. */
const isQuiet = /-(open-task|open-endpoint|opening-write|close-endpoint)$/;
/** Everything that blocks the next commit is done, and durably cleared. */
const isSettled = /-(flush|keep-write|store|start-commit|commit-write)$/;

/** How many deliveries of a trigger may be in flight at a point: a lane has one at a time. */
function mostAgain(point: string, trigger: TriggerName): number {
  if (isQuiet.test(point)) return 0;
  return trigger === 'block' && isSettled.test(point) ? 0 : 1;
}

type Delivery = { key: string; runId: string; docs: number; tables: string[][] };

/** In the order of their first attempts, each once. */
function deliveriesOf(story: CrashStory, trigger: TriggerName): Delivery[] {
  const first = new Map<string, Received>();
  for (const request of story.received(trigger)) {
    const known = first.get(request.key);
    if (known === undefined) first.set(request.key, request);
    else expect(request.body, `${trigger}: the payload of ${request.key}`).toBe(known.body);
  }
  return [...first.values()].map(({ key, body }) => {
    const { run: runId, docs, tables }: { run: string; docs: number; tables: string[][] } = JSON.parse(body);
    return { key, runId, docs, tables };
  });
}

/** Every commit once, in order, alone or united with its neighbours. The commits are those that the one that blocks got. */
function checkDeliveries(story: CrashStory, trigger: TriggerName, commits: readonly Delivery[]): void {
  const deliveries = deliveriesOf(story, trigger);
  const runIds = deliveries.map(({ runId }) => runId);
  expect(runIds, `${trigger}: first attempts in commit order`).toEqual([...new Set(runIds)].sort());
  const { orders, profiles } = story.documents;
  expect(sum(deliveries.map(({ docs }) => docs)), `${trigger}: documents`).toBe(orders.length + profiles.length);
  const whole = runIds.map((runId, index) => {
    const end = runIds[index + 1];
    return sum(commits.filter((one) => one.runId >= runId && (end === undefined || one.runId < end)).map(docsOf));
  });
  expect(deliveries.map(docsOf), `${trigger}: whole commits`).toEqual(whole);
  expect(runIds[0], `${trigger}: from the first commit on`).toBe(commits[0]?.runId);
  checkSessions(story.received(trigger));
}

/** In one session no attempt follows an answer that was read, unless it was one that asks for another attempt. */
function checkSessions(received: readonly Received[]): void {
  const answered = new Set<string>();
  for (const { key, epoch, status } of received) {
    expect(answered.has(`${epoch} ${key}`), `${key} was attempted twice in one session`).toBe(false);
    if (status < 500) answered.add(`${epoch} ${key}`);
  }
}

function neverAccepted(story: CrashStory, trigger: TriggerName): Array<{ idempotencyKey: string }> {
  const received = story.received(trigger);
  return deliveriesOf(story, trigger)
    .filter(({ key }) => !received.some((request) => request.key === key && request.status === 200))
    .map(({ key }) => ({ idempotencyKey: key }));
}

function checkRows(story: CrashStory): void {
  const { orders, profiles } = story.documents;
  const last = new Map<unknown, Document>();
  for (const document of orders) last.set(document['id'], document);
  const merged = new Map<unknown, Document>();
  for (const document of profiles) {
    merged.set(document['id'], mergePatch(merged.get(document['id']), document) as Document);
  }
  expect(story.rows('orders'), 'orders').toEqual(inOrder([...last.values()]));
  expect(story.rows('profiles'), 'profiles').toEqual(inOrder([...merged.values()]));
  expect(story.rows('log'), 'log').toEqual(inOrder(profiles));
}

/** I2: what a delivery tells of could be seen when it arrived. */
function checkVisible({ visibleAtArrival }: CrashStory, deliveries: readonly Delivery[]): void {
  let logged = 0;
  for (const { key, docs, tables } of deliveries) {
    if (tables.every(([table]) => table !== 'orders')) logged += docs;
    const visible = visibleAtArrival.get(key);
    if (visible !== undefined) expect(visible, `rows to be seen when ${key} arrived`).toBeGreaterThanOrEqual(logged);
  }
}

function inOrder(documents: readonly Document[]): Document[] {
  return [...documents].sort((left, right) => {
    return Number(left['id']) - Number(right['id']) || Number(left['n']) - Number(right['n']);
  });
}

export function keysOf(records: ReadonlyArray<{ idempotencyKey: string }>): string[] {
  return records.map(({ idempotencyKey }) => idempotencyKey);
}

function isLater({ epoch }: Received, than: string | undefined): boolean {
  return than !== undefined && BigInt(epoch) > BigInt(than);
}

function docsOf({ docs }: Delivery): number {
  return docs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
