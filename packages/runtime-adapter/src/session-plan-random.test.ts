import { isDeliveryError, planTriggers, type TriggerPlan, type TriggersPlan } from '@aftercommit/delivery';
import type { TriggerConfig } from '@aftercommit/models';
import { MemoryStore, WriteBatch } from '@aftercommit/persistence';
import type { StoredOutbox } from '@aftercommit/persistence/records';
import type { AttemptOutcome } from '@aftercommit/registry';
import { hang, seededRandom } from '@aftercommit/testkit';
import { expect, it } from 'vitest';
import { compile, errorOf, materialization, SessionBench, triggerConfig } from '../test/session-bench.js';

type Pick = (below: number) => number;

const targets = ['a', 'b', 'c'];
const second = 1_000;
const minute = 60 * second;

/** A configuration as somebody may have left it: up to four triggers, twins too, some of them named. */
function edited(pick: Pick): TriggerConfig[] {
  const names = ['x', 'y', 'z'];
  return Array.from({ length: pick(5) }, () => {
    const { name: _derived, ...unnamed } = triggerConfig(targets[pick(targets.length)] ?? 'a', {
      payloadTemplate: pick(2) === 0 ? '{"run":"{{run_id}}"}' : '{"docs":{{docs_total}} }',
      // One that blocks and waits for its next attempt would hold up the story.
      ...(pick(2) === 0 ? { onFailure: 'park', maxAttempts: 3 } : { maxAttempts: 1 }),
      ...(pick(2) === 0 ? { interval: pick(2) === 0 ? '2m' : '10m' } : {}),
      timeout: '1h',
    });
    const name = pick(2) === 0 ? names.splice(pick(names.length), 1)[0] : undefined;
    return name === undefined ? unnamed : { ...unnamed, name };
  });
}

/** The same, with one thing changed: that is how people change configurations. */
function corrected(config: readonly TriggerConfig[], pick: Pick): TriggerConfig[] {
  if (config.length === 0 || pick(3) === 0) return edited(pick);
  const at = pick(config.length);
  const [other] = edited(() => 1);
  const fields = ['target', 'payloadTemplate', 'interval', 'maxAttempts'] as const;
  const field = fields[pick(fields.length)] ?? 'target';
  return config.map((trigger, index) => (index === at ? { ...trigger, [field]: other?.[field] ?? '2m' } : trigger));
}

const answers: AttemptOutcome[] = [
  { outcome: 'delivered' },
  { outcome: 'delivered' },
  { outcome: 'retry', reason: 'HTTP 503' },
  { outcome: 'rejected', reason: 'HTTP 400' },
];

/** What a session does until it is closed, or ended by a delivery that failed. */
async function live(bench: SessionBench, config: TriggerConfig[], pick: Pick): Promise<void> {
  const answer = (): AttemptOutcome => answers[pick(answers.length)] ?? { outcome: 'delivered' };
  for (const target of targets) bench.kind.respond(target, [answer]);
  const session = await bench.open(config);
  const failure = await whileTimePasses(bench, async () => {
    for (let transactions = pick(5); transactions > 0; transactions -= 1) {
      await bench.transact(session, 1 + pick(3));
      if (pick(2) === 0) await bench.clock.advance(pick(3 * minute));
    }
    if (pick(2) === 0) await bench.acknowledge(session);
  });
  if (failure !== undefined && !isDeliveryError(failure)) throw failure;
  await whileTimePasses(bench, () => session.close());
}

/** What the work ends with: a lane may wait for its next attempt, and the work for the lane. */
async function whileTimePasses(bench: SessionBench, work: () => Promise<void>): Promise<unknown> {
  let isOver = false;
  const ending = errorOf(work).finally(() => {
    isOver = true;
  });
  for (let turn = 0; !isOver; turn += 1) await bench.clock.advance(turn < 10 ? 0 : second);
  return await ending;
}

/** Everything that is stored of the task, in a store of its own, at the same time. */
async function copyOf(bench: SessionBench): Promise<SessionBench> {
  const store = new MemoryStore();
  const state = await store.open(materialization, 'copier');
  const batch = new WriteBatch();
  for (const [key, value] of await bench.store.read(materialization)) batch.put(key, value);
  await state.write(batch);
  const copy = new SessionBench(store);
  await copy.clock.advance(bench.clock.now() - copy.clock.now());
  return copy;
}

function idOf(outboxes: readonly StoredOutbox[], name: string): string {
  return outboxes.find(({ about }) => about.name === name)?.id ?? `no outbox ${name}`;
}

/** What of the plan a session shows when it is open. */
function shown({ triggers, withoutTrigger }: TriggersPlan): object {
  const waiting = triggers.flatMap((one) => (one.waiting ? [[one.trigger, one.waiting.windows] as const] : []));
  return {
    leftOver: Object.fromEntries(waiting),
    withoutPartner: withoutTrigger.map((one) => ({
      outbox: one.outbox,
      waiting: one.waiting?.windows ?? 0,
      parked: one.parked,
    })),
  };
}

function compareOutbox(planned: TriggerPlan, before: readonly StoredOutbox[], after: readonly StoredOutbox[]): void {
  const outbox = after.find(({ about }) => about.name === planned.trigger);
  const { takesOver, waiting } = planned;
  if (takesOver === null) expect(before.map(({ id }) => id)).not.toContain(outbox?.id);
  else expect(outbox?.id).toBe(idOf(before, takesOver.outbox));
  const runIds = outbox?.windows.flatMap(({ window, through }) => [window.run_id, through ?? window.run_id]).sort();
  expect({
    parked: outbox?.parked.length,
    docs: outbox?.windows.reduce((total, { window }) => total + window.docs_total, 0),
    firstRunId: runIds?.at(0),
    lastRunId: runIds?.at(-1),
    lastFiredAt: planned.interval === null ? undefined : outbox?.lastFired?.at,
  }).toEqual({
    parked: planned.parked,
    docs: waiting?.docs ?? 0,
    firstRunId: waiting?.firstRunId,
    lastRunId: waiting?.lastRunId,
    lastFiredAt: planned.interval?.lastFiredAt ?? undefined,
  });
}

/** The first attempt of a trigger: of which delivery, when, and with how many documents. */
type FirstAttempt = { key: string; at: number; docs: number };

/** The first attempts that a plan says: what is fixed goes out by itself, what is not is united. */
function planned(plan: TriggersPlan, outboxes: readonly StoredOutbox[], now: number): FirstAttempt[] {
  return plan.triggers.flatMap(({ trigger, waiting }): FirstAttempt[] => {
    const head = outboxes.find(({ about }) => about.name === trigger)?.windows[0];
    if (waiting === null || head === undefined) return [];
    const { delivery, notBeforeAt, docs } = waiting;
    if (delivery === null) return [{ key: head.idempotencyKey, at: notBeforeAt ?? now, docs }];
    const { idempotencyKey: key, nextAttemptAt } = delivery;
    return [{ key, at: nextAttemptAt ?? now, docs: head.window.docs_total }];
  });
}

function attempted({ attempts }: SessionBench['kind']): FirstAttempt[] {
  const firsts = attempts.filter(
    ({ idempotencyKey }, index) => attempts.findIndex((other) => other.idempotencyKey === idempotencyKey) === index,
  );
  return firsts.map(({ idempotencyKey, at, variables }) => ({ key: idempotencyKey, at, docs: variables.docs_total }));
}

function inOrder(attempts: FirstAttempt[]): FirstAttempt[] {
  return attempts.sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** Opens what was planned, and compares: what it goes on with, and when it attempts what first. */
async function compareWithSession(bench: SessionBench, config: TriggerConfig[], plan: TriggersPlan): Promise<void> {
  for (const target of targets) bench.kind.respond(target, [hang]);
  const before = await bench.outboxes();
  const openedAt = bench.clock.now();
  const session = await bench.open(config);
  const after = await bench.outboxes();
  expect(bench.events.find(({ event }) => event === 'opened')).toMatchObject(shown(plan));
  expect(plan.triggers.map(({ trigger }) => trigger)).toEqual(compile(config).map(({ name }) => name));
  for (const trigger of plan.triggers) compareOutbox(trigger, before, after);
  const isThere = (id: string): boolean => after.some((outbox) => outbox.id === id);
  expect(plan.removed.map((name) => isThere(idOf(before, name)))).toEqual(plan.removed.map(() => false));
  expect(plan.resting.map(({ outbox }) => isThere(idOf(before, outbox)))).toEqual(plan.resting.map(() => true));
  expect(after.length).toBe(plan.triggers.length + plan.withoutTrigger.length + plan.resting.length);

  await bench.acknowledge(session);
  await bench.clock.advance(11 * minute);
  expect(inOrder(attempted(bench.kind))).toEqual(inOrder(planned(plan, after, openedAt)));
  const closing = errorOf(session.close());
  await bench.clock.advance(60 * minute);
  await closing;
}

/** What came up in the plans: none of it may be left untried. */
function* kindsOf(plan: TriggersPlan): Generator<string> {
  for (const { takesOver, waiting, interval } of plan.triggers) {
    yield `by ${takesOver?.rule ?? 'nothing'}`;
    for (const change of takesOver?.changes ?? []) yield `another ${change}`;
    if (waiting?.delivery?.isWaitLifted) yield 'wait lifted';
    if (waiting?.delivery?.nextAttemptAt) yield 'wait kept';
    if (waiting?.notBeforeAt) yield 'waits for its interval';
    if (interval?.beforeMs === null) yield 'interval added';
    if (interval?.nowMs === null) yield 'interval removed';
  }
  for (const { isNew } of plan.withoutTrigger) yield isNew ? 'left now' : 'left before';
  if (plan.removed.length > 0) yield 'removed';
  if (plan.resting.length > 0) yield 'resting';
}

const rules = ['same', 'name', 'target-and-template', 'target', 'only-one-left', 'nothing'];
const changes = ['name', 'target', 'template', 'interval', 'onFailure', 'settings'];
const effects = ['wait lifted', 'wait kept', 'waits for its interval', 'interval added', 'interval removed'];
const leftovers = ['left now', 'left before', 'removed', 'resting'];
const everything = [
  ...rules.map((rule) => `by ${rule}`),
  ...changes.map((change) => `another ${change}`),
  ...effects,
  ...leftovers,
];

it.each([0, 1])('what a plan says is what the next session does (group %d of seeds)', async (group) => {
  const seen = new Set<string>();
  for (let seed = group * 20; seed < group * 20 + 20; seed += 1) {
    const { fraction } = seededRandom(`plans ${seed}`);
    const pick: Pick = (below) => Math.floor(fraction() * below);
    const bench = new SessionBench();
    let config = edited(pick);
    for (let opening = 0; opening < 6; opening += 1) {
      await live(bench, config, pick);
      config = corrected(config, pick);
      const entries = await bench.store.read(materialization);
      const plan = planTriggers({
        materialization,
        bindings: [],
        entries,
        triggers: compile(config, bench.kind),
        now: bench.clock.now(),
      });
      expect(await bench.store.read(materialization)).toEqual(entries);
      await compareWithSession(await copyOf(bench), config, plan);
      for (const kind of kindsOf(plan)) seen.add(kind);
    }
  }
  expect([...seen].sort()).toEqual(everything.sort());
});
