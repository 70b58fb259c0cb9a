import type { TriggerConfig } from '@aftercommit/models';
import { WriteBatch } from '@aftercommit/persistence';
import {
  type CommitRecord,
  type DeliveryRecord,
  type ParkedRecord,
  taskKeys,
  type WindowRecord,
} from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { compile, materialization, triggerConfig, windowOf } from '../test/delivery-bench.js';
import { now, Task } from '../test/outbox-bench.js';
import { planTriggers } from './plan-triggers.js';
import type { TriggersPlan } from './triggers-plan.js';

const bindings = [
  { collection: 'acme/users', resourcePath: ['public', 'users'] },
  { collection: 'acme/orders', resourcePath: ['orders'] },
];

async function plan(task: Task, config: TriggerConfig[]): Promise<TriggersPlan> {
  return planTriggers({ materialization, bindings, entries: await task.entries(), triggers: compile(config), now });
}

function commitOf(number: number | null): CommitRecord {
  const window = number === null ? null : windowOf(number);
  const runtimeCheckpoint = { transactionId: 't', parentId: null, runId: windowOf(9).run_id, window, position: 1 };
  return { runtimeCheckpoint, owner: 'store' };
}

function parkedOf(number: number): ParkedRecord {
  const how = { parkedAt: now, failingSinceAt: now, attempts: 3, outcome: 'exhausted', reason: 'HTTP 503' } as const;
  return { idempotencyKey: `msg_${number}`, window: windowOf(number), ...how };
}

const failed: DeliveryRecord = {
  rounds: 1,
  attempts: 2,
  notBeforeAt: now + 8_000,
  waitMs: 8_000,
  failingSinceAt: now - 1,
  reason: 'HTTP 503',
};

/** A task whose trigger `one` has these windows. */
async function told(numbers: number[], given: Record<string, string | number> = {}): Promise<Task> {
  const task = new Task();
  await task.open(triggerConfig('a', { name: 'one', ...given }));
  await task.add('000001', ...numbers);
  return task;
}

describe('the plan of a task that never ran', () => {
  it('gives every trigger an empty outbox, and a payload with every bound collection', async () => {
    const template = { payloadTemplate: '{{json collection_names}}' };
    const { triggers, ...rest } = await plan(
      new Task(),
      triggerConfig('a', { name: 'one', interval: '1h', ...template }),
    );
    expect(rest).toEqual({ withoutTrigger: [], removed: [], resting: [], issues: [] });
    expect(triggers).toEqual([
      {
        trigger: 'one',
        kind: 'scripted',
        target: 'scripted://a',
        onFailure: 'block',
        takesOver: null,
        waiting: null,
        parked: 0,
        interval: { beforeMs: null, nowMs: 3_600_000, lastFiredAt: null, notBeforeAt: null },
        payload: {
          from: 'placeholder',
          runId: '2024-01-01T00:00:00.000000Z',
          text: '["acme/orders","acme/users"]',
          problem: null,
        },
      },
    ]);
  });

  it('names one collection where none is bound', () => {
    const triggers = compile(triggerConfig('a', { payloadTemplate: '{{json collection_names}}' }));
    const { triggers: planned } = planTriggers({ materialization, bindings: [], entries: [], triggers, now });
    expect(planned[0]?.payload.text).toBe('["example/collection"]');
  });
});

describe('a payload in a plan', () => {
  const docs = triggerConfig('a', { name: 'one', payloadTemplate: '{{docs_total}}' });

  it.each<
    [what: string, from: string, docs: number, entries: Array<[string, CommitRecord | ParkedRecord | WindowRecord]>]
  >([
    ['the last commit', 'last-commit', 3, [[taskKeys.commit(1), commitOf(3)]]],
    [
      'the newest window that waits, when the last commit has none',
      'waiting',
      2,
      [
        [taskKeys.commit(1), commitOf(null)],
        [taskKeys.window('000001', windowOf(1).run_id), { idempotencyKey: 'msg_1', window: windowOf(1) }],
        [taskKeys.window('000001', windowOf(2).run_id), { idempotencyKey: 'msg_2', window: windowOf(2) }],
        [taskKeys.parked('000001', windowOf(4).run_id), parkedOf(4)],
      ],
    ],
    ['the newest that is parked', 'parked', 4, [[taskKeys.parked('000001', windowOf(4).run_id), parkedOf(4)]]],
  ])('is that of %s', async (_what, from, total, entries) => {
    const task = await told([]);
    for (const [key, value] of entries) await task.put(key, value);
    const [planned] = (await plan(task, docs)).triggers;
    expect(planned?.payload).toMatchObject({ from, text: String(total), problem: null });
  });

  it('shows no secret of any trigger', async () => {
    const payloadTemplate = '{"mine":"tok-of-one","other":"tok-of-two","n":{{docs_total}} }';
    const config = [
      ...triggerConfig('a', { name: 'one', token: 'tok-of-one', payloadTemplate }),
      ...triggerConfig('b', { name: 'two', token: 'tok-of-two' }),
    ];
    const planned = await plan(new Task(), config);
    expect(JSON.stringify(planned)).not.toContain('tok-of-');
    expect(planned.triggers[0]?.payload.text).toBe('{"mine":"[redacted]","other":"[redacted]","n":2 }');
  });

  it('that cannot be made is an error of its template', async () => {
    const task = new Task();
    await task.put(taskKeys.commit(1), commitOf(50));
    const payloadTemplate = '{{#if (eq docs_total 50)}}many{{else}}1{{/if}}';
    const { triggers, issues } = await plan(task, triggerConfig('a', { name: 'one', payloadTemplate }));
    expect(triggers[0]?.payload).toMatchObject({ text: null, problem: expect.stringContaining('Line 1, column 1') });
    expect(issues).toEqual([
      {
        severity: 'error',
        code: 'CONFIG_TEMPLATE_INVALID',
        pointer: '/config/0/payloadTemplate',
        trigger: 'one',
        message: expect.stringMatching(/^The payload for run 2024-01-01T00:00:50\.000000Z cannot be made/),
      },
    ]);
  });
});

describe('what waits, in a plan', () => {
  it('is told with the delivery that failed, which waits on when nothing changed', async () => {
    const task = await told([1, 2]);
    await task.put(taskKeys.delivery('000001'), failed);
    const [planned] = (await plan(task, triggerConfig('a', { name: 'one' }))).triggers;
    expect(planned).toMatchObject({ takesOver: { outbox: 'one', rule: 'same', hadTrigger: true, changes: [] } });
    expect(planned?.waiting).toEqual({
      windows: 2,
      docs: 3,
      firstRunId: windowOf(1).run_id,
      lastRunId: windowOf(2).run_id,
      delivery: {
        runId: windowOf(1).run_id,
        idempotencyKey: expect.stringMatching(/^msg_/),
        rounds: 1,
        attempts: 2,
        failingSinceAt: now - 1,
        reason: 'HTTP 503',
        nextAttemptAt: now + 8_000,
        isWaitLifted: false,
      },
      notBeforeAt: null,
    });
  });

  it('waits no more when the configuration changed', async () => {
    const task = await told([1]);
    await task.put(taskKeys.delivery('000001'), failed);
    const [planned] = (await plan(task, triggerConfig('a', { name: 'one', onFailure: 'park' }))).triggers;
    expect(planned?.takesOver?.changes).toEqual(['onFailure']);
    expect(planned?.waiting?.delivery).toMatchObject({ nextAttemptAt: null, isWaitLifted: true });
  });

  it('is fixed where it was replayed, and waits for no interval', async () => {
    const task = await told([1, 2], { interval: '1h' });
    const replayed: WindowRecord = { idempotencyKey: 'msg_0', window: windowOf(0), replayed: true };
    await task.put(taskKeys.window('000001', windowOf(0).run_id), replayed);
    await task.put(taskKeys.lastFired('000001'), { at: now - 600_000, runId: windowOf(0).run_id });
    const [planned] = (await plan(task, triggerConfig('a', { name: 'one', interval: '1h' }))).triggers;
    expect(planned?.waiting).toMatchObject({
      delivery: { idempotencyKey: 'msg_0', nextAttemptAt: null, isWaitLifted: false },
      notBeforeAt: now + 3_000_000,
    });
  });

  it('goes through the last run of a union', async () => {
    const task = await told([]);
    const union: WindowRecord = { idempotencyKey: 'msg_1', window: windowOf(1), through: windowOf(5).run_id };
    await task.put(taskKeys.window('000001', windowOf(1).run_id), union);
    const [planned] = (await plan(task, triggerConfig('a', { name: 'one' }))).triggers;
    expect(planned?.waiting).toMatchObject({
      windows: 1,
      firstRunId: windowOf(1).run_id,
      lastRunId: windowOf(5).run_id,
    });
  });
});

describe('an outbox without a trigger, in a plan', () => {
  it('is told with what it keeps, and whether this change leaves it', async () => {
    const task = await told([1, 2]);
    const left = { outbox: 'one', nameBefore: null, waiting: { windows: 2, docs: 3 }, parked: 0 };
    expect((await plan(task, [])).withoutTrigger).toMatchObject([{ ...left, isNew: true }]);
    await task.open([]);
    expect((await plan(task, [])).withoutTrigger).toMatchObject([{ ...left, isNew: false }]);
  });

  it('is told under the name it will have', async () => {
    const task = new Task();
    await task.open(triggerConfig('a'));
    const [derived] = await task.stored();
    await task.add('000001', 1);
    await task.open(triggerConfig('b', { name: 'two' }));
    await task.write(
      new WriteBatch().put(taskKeys.outbox('000001'), { ...derived?.about, name: 'two', hasPartner: true }),
    );
    const { withoutTrigger } = await plan(task, triggerConfig('b', { name: 'two' }));
    expect(withoutTrigger).toMatchObject([{ outbox: 'two-2', nameBefore: 'two' }]);
  });

  it('is removed when it is empty, and rests until its interval is over', async () => {
    const task = await told([], { interval: '1h' });
    expect(await plan(task, [])).toMatchObject({ withoutTrigger: [], removed: ['one'], resting: [] });
    await task.put(taskKeys.lastFired('000001'), { at: now - 1, runId: windowOf(1).run_id });
    expect(await plan(task, [])).toMatchObject({ removed: [], resting: [{ outbox: 'one', untilAt: now + 3_599_999 }] });
  });
});
