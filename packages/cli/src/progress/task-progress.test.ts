import type { SessionEvent } from '@aftercommit/runtime-adapter';
import { describe, expect, test } from 'vitest';
import {
  committed,
  delivered,
  failedAttempt,
  openedNew,
  parked,
  runIdOf,
  storyAt,
  told,
  waiting,
} from '../../test/session-story.js';
import { progressed, type TaskProgress, type TriggerProgress, unopened } from './task-progress.js';

const triggers = [{ name: 'dbt' }, { name: 'slack', intervalMs: 600_000 }];

function after(events: SessionEvent[], isStopping = false): TaskProgress {
  const start = unopened('acmeCo/weather', triggers);
  return events.reduce((task, event) => progressed(task, event, isStopping), start);
}

function trigger(task: TaskProgress, name: string): TriggerProgress | undefined {
  return task.triggers.get(name);
}

describe('counting', () => {
  test('begins with nothing', () => {
    expect(after([])).toMatchObject({
      phase: 'opening',
      documents: 0,
      transactions: 0,
      deliveries: 0,
      failedAttempts: 0,
    });
  });

  test('adds documents and transactions of every commit', () => {
    const task = after([told(openedNew), committed(1, 500), committed(2, 461)]);
    expect(task).toMatchObject({ phase: 'running', documents: 961, transactions: 2 });
  });

  test('counts a delivery when it is cleared, not when its attempt succeeded', () => {
    const attempt = told({
      event: 'attempt',
      trigger: 'dbt',
      runId: runIdOf(1),
      idempotencyKey: 'msg_1',
      attempt: 1,
      durationMs: 3,
      outcome: 'delivered',
    });
    expect(after([told(openedNew), committed(1, 5), attempt]).deliveries).toBe(0);
    expect(after([told(openedNew), committed(1, 5), attempt, delivered('dbt', 2)]).deliveries).toBe(1);
  });

  test('counts every failed attempt', () => {
    const events = [told(openedNew), committed(1, 5), failedAttempt('dbt', 1, 1_000), failedAttempt('dbt', 2)];
    expect(after(events)).toMatchObject({ failedAttempts: 2, deliveries: 0 });
  });

  test('leaves the progress before it as it was', () => {
    const before = after([told(openedNew)]);
    progressed(before, committed(1, 5));
    expect(before.documents).toBe(0);
    expect(trigger(before, 'dbt')?.windows).toEqual([]);
  });
});

describe('a trigger without an interval', () => {
  test('is due for every transaction with documents until each is delivered', () => {
    const events = [told(openedNew), committed(1, 5), committed(2, 5)];
    expect(trigger(after(events), 'dbt')).toMatchObject({ state: { is: 'due' }, windows: [runIdOf(1), runIdOf(2)] });
    events.push(delivered('dbt', 1));
    expect(trigger(after(events), 'dbt')).toMatchObject({ state: { is: 'due' }, windows: [runIdOf(2)] });
    events.push(delivered('dbt', 2));
    expect(trigger(after(events), 'dbt')).toMatchObject({ state: { is: 'idle' }, windows: [] });
  });

  test('has nothing to do for a transaction without documents', () => {
    expect(trigger(after([told(openedNew), committed(1, 0)]), 'dbt')?.state.is).toBe('idle');
  });

  test('is retrying from a failed attempt until its delivery, and keeps the reason', () => {
    const events = [told(openedNew), committed(1, 5), failedAttempt('dbt', 1, 4_000)];
    const state = { is: 'retrying', reason: 'HTTP 503', at: storyAt + 1_000 + 4_000 };
    expect(trigger(after(events), 'dbt')?.state).toEqual(state);
    expect(trigger(after([...events, committed(2, 5)]), 'dbt')?.state).toEqual(state);
    expect(trigger(after([...events, delivered('dbt', 1)]), 'dbt')?.state).toEqual({ is: 'idle' });
  });

  test('is due, not retrying, after an attempt that has no next one', () => {
    const events = [told(openedNew), committed(1, 5), failedAttempt('dbt', 1)];
    expect(trigger(after(events), 'dbt')?.state).toEqual({ is: 'due', hasFailed: true });
  });

  test('begins with what an earlier session left', () => {
    const task = after([told({ ...openedNew, leftOver: { dbt: 2 } }), committed(1, 5)]);
    expect(trigger(task, 'dbt')).toMatchObject({ state: { is: 'due' }, windows: ['', '', runIdOf(1)] });
    expect(trigger(task, 'slack')?.windows).toEqual([runIdOf(1)]);
  });
});

describe('a trigger that parks', () => {
  test('goes on with the next window, and counts what is parked', () => {
    const task = after([told(openedNew), committed(1, 5), committed(2, 5), failedAttempt('dbt', 1), parked('dbt', 1)]);
    expect(trigger(task, 'dbt')).toMatchObject({ state: { is: 'due' }, windows: [runIdOf(2)], parked: 1 });
    expect(task.deliveries).toBe(0);
  });

  test('has as many windows as before when a replayed one was delivered', () => {
    const task = after([told(openedNew), committed(2, 5), delivered('dbt', 1)]);
    expect(trigger(task, 'dbt')).toMatchObject({ state: { is: 'due' }, windows: [runIdOf(2)] });
  });

  test('says at its end all that is parked, also by earlier runs, and what could not be', () => {
    const end = told({ event: 'ended', waiting: { dbt: 2 }, parked: { dbt: 1_000 }, stuck: ['dbt'] });
    const task = after([told(openedNew), committed(1, 5), parked('dbt', 1), end]);
    expect(trigger(task, 'dbt')).toMatchObject({ parked: 1_000, isStuck: true });
    expect(trigger(task, 'slack')).toMatchObject({ parked: 0, isStuck: false });
  });
});

test('what is parked where no trigger is configured any more is counted at the end, apart from triggers', () => {
  const end = told({ event: 'ended', waiting: {}, parked: { dbt: 1, old: 2 }, stuck: [] });
  const task = after([told(openedNew), end]);
  expect([...task.parkedWithoutTrigger]).toEqual([['old', 2]]);
  expect([...task.triggers.keys()]).toEqual(['dbt', 'slack']);
  expect([...after([told(openedNew)]).parkedWithoutTrigger]).toEqual([]);
});

describe('a trigger with an interval', () => {
  const firstDelivered = [told(openedNew), committed(1, 5), delivered('slack', 1)];

  test('waits until the time that was announced', () => {
    const task = after([...firstDelivered, committed(2, 5), waiting('slack', 2, 598_000)]);
    expect(trigger(task, 'slack')).toMatchObject({
      state: { is: 'waiting', at: storyAt + 2_000 + 598_000 },
      windows: [runIdOf(2)],
    });
  });

  test('goes on waiting when more is committed, with one window more', () => {
    const task = after([...firstDelivered, committed(2, 5), waiting('slack', 2, 598_000), committed(3, 5)]);
    expect(trigger(task, 'slack')).toMatchObject({ state: { is: 'waiting' }, windows: [runIdOf(2), runIdOf(3)] });
  });

  test('has nothing left when a union was delivered', () => {
    const events = [
      ...firstDelivered,
      committed(2, 5),
      waiting('slack', 2, 598_000),
      committed(3, 5),
      delivered('slack', 2),
    ];
    expect(trigger(after(events), 'slack')?.state).toEqual({ is: 'idle' });
    expect(trigger(after([...events, committed(4, 5), waiting('slack', 4, 1_000)]), 'slack')?.windows).toEqual([
      runIdOf(4),
    ]);
  });

  test('keeps what was committed while the one before was delivered', () => {
    const task = after([
      told(openedNew),
      committed(1, 5),
      committed(2, 5),
      delivered('slack', 1),
      waiting('slack', 2, 9),
    ]);
    expect(trigger(task, 'slack')).toMatchObject({ state: { is: 'waiting' }, windows: [runIdOf(2)] });
  });

  test('holds at most a hundred windows: more are united into the newest', () => {
    const many = Array.from({ length: 150 }, (_none, index) => committed(index + 3, 1));
    const events = [...firstDelivered, committed(2, 5), waiting('slack', 2, 9), ...many];
    expect(trigger(after(events), 'slack')?.windows).toHaveLength(100);
  });
});

describe('the end', () => {
  const running = [told(openedNew), committed(1, 5), waiting('slack', 1, 60_000)];
  const end = (left: Record<string, number>, seconds = 3): SessionEvent =>
    told({ event: 'ended', waiting: left, parked: {}, stuck: [] }, seconds);

  test('is done when the sources ended, and what is left waits for its interval', () => {
    const task = after([...running, delivered('dbt', 1), end({ slack: 3 })]);
    expect(task.phase).toBe('done');
    expect(trigger(task, 'slack')?.state).toEqual({ is: 'waiting', at: storyAt + 61_000 });
    expect(trigger(task, 'slack')?.windows).toHaveLength(3);
    expect(trigger(task, 'dbt')).toMatchObject({ state: { is: 'idle' }, windows: [] });
  });

  test('of sources makes what nobody announced wait, too', () => {
    const task = after([told(openedNew), committed(1, 5), end({ slack: 1 })]);
    expect(trigger(task, 'slack')?.state).toEqual({ is: 'waiting', at: undefined });
  });

  test('is stopped when somebody asked for it, and what is left was due', () => {
    const task = after([...running, end({ dbt: 1, slack: 1 })], true);
    expect(task.phase).toBe('stopped');
    expect(trigger(task, 'dbt')?.state).toEqual({ is: 'due' });
    expect(trigger(task, 'slack')?.state).toEqual({ is: 'waiting', at: storyAt + 61_000 });
  });

  test('does not excuse an interval that was over by then', () => {
    expect(trigger(after([...running, end({ slack: 1 }, 62)], true), 'slack')?.state).toEqual({ is: 'due' });
  });

  test('keeps why an attempt failed', () => {
    const task = after([told(openedNew), committed(1, 5), failedAttempt('dbt', 1, 4_000), end({ dbt: 1 })], true);
    expect(trigger(task, 'dbt')?.state).toMatchObject({ is: 'retrying', reason: 'HTTP 503' });
  });

  test('is a failure after a failure, also when it was asked to stop', () => {
    const failed = told({ event: 'failed', code: 'DELIVERY_EXHAUSTED', reason: 'it failed' });
    const task = after([...running, failed, end({ dbt: 1 })], true);
    expect(task).toMatchObject({ phase: 'failed', failure: { code: 'DELIVERY_EXHAUSTED', reason: 'it failed' } });
  });
});
