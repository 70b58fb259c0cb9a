import type { SeenWorker } from '@aftercommit/persistence-postgres/coordination';
import { describe, expect, test } from 'vitest';
import type { FleetTask } from './fleet-task.js';
import { taskTrouble } from './task-trouble.js';

const worker: SeenWorker = {
  worker: 'w1',
  host: 'alpha',
  process: 7,
  joinedMsAgo: 60_000,
  leaseLeftMs: 9_000,
  isLeaving: false,
  offers: 1,
};

function task(fields: Partial<FleetTask> = {}): FleetTask {
  return {
    task: 'acmeCo/weather',
    epoch: 1n,
    worker: null,
    claimedMsAgo: null,
    isOffered: true,
    failures: 0,
    reason: null,
    retryInMs: 0,
    lastRun: null,
    lagMs: null,
    stuck: [],
    ...fields,
  };
}

test('a materialization that runs, or that can be claimed, gets on', () => {
  expect(taskTrouble(task({ worker: 'w1' }), worker)).toBeUndefined();
  expect(taskTrouble(task({ lagMs: 5_000 }), undefined)).toBeUndefined();
});

test('one whose worker lost its lease does not, whatever it failed with before', () => {
  const lost = { ...worker, host: 'al\npha', leaseLeftMs: -3_000 };
  expect(taskTrouble(task({ worker: 'w1', failures: 3, reason: 'E: x' }), lost)).toBe(
    'worker w1 on al pha lost its lease 3 s ago: the first other worker that has it in its spec takes it over',
  );
  expect(taskTrouble(task({ worker: 'w1' }), { ...worker, leaseLeftMs: 0 })).toMatch(
    /^worker w1 .* lost its lease 0 s ago/,
  );
  expect(taskTrouble(task({ worker: 'w1' }), { ...worker, leaseLeftMs: 1 })).toBeUndefined();
});

describe('one that failed', () => {
  test.each<[string, Partial<FleetTask>, string]>([
    ['once, and waits', { failures: 1, retryInMs: 4_000 }, 'failed once, and is tried again in 4 s: E: x y'],
    ['once, and can be claimed', { failures: 1 }, 'failed once, and can be claimed: E: x y'],
    ['twice, and waits', { failures: 2, retryInMs: 1 }, 'failed 2 times in a row, and is tried again in 1 s: E: x y'],
    ['twice, and runs', { failures: 2, worker: 'w1' }, 'failed 2 times in a row, and runs again: E: x y'],
  ])('%s does not get on', (_how, fields, text) => {
    const owner = fields.worker === 'w1' ? worker : undefined;
    expect(taskTrouble(task({ reason: 'E: x\ny', ...fields }), owner)).toBe(text);
  });

  test('once, and runs again, gets on', () => {
    expect(taskTrouble(task({ failures: 1, reason: 'E: x', worker: 'w1' }), worker)).toBeUndefined();
  });
});

describe('one that no worker has in its spec', () => {
  test('does not get on while it has something to deliver', () => {
    expect(taskTrouble(task({ isOffered: false, lagMs: 0 }), undefined)).toMatch(
      /^has something to deliver, and no worker has it in its spec: aftercommit run SPEC --coordinate/,
    );
  });

  test('does while everything is delivered, and while a worker still runs it', () => {
    expect(taskTrouble(task({ isOffered: false }), undefined)).toBeUndefined();
    expect(taskTrouble(task({ isOffered: false, lagMs: 5_000, worker: 'w1' }), worker)).toBeUndefined();
  });
});
