import type { StoredOutbox } from '@aftercommit/persistence/records';
import { describe, expect, test } from 'vitest';
import { stuckTriggers } from './stuck-trigger.js';

const committedAt = Date.parse('2024-06-15T12:30:00Z');
const minute = 60_000;

const runId = '2024-06-15T12:30:00.000000Z';
const variables = { run_id: runId, docs_total: 1 };
const window = { place: runId, idempotencyKey: 'msg_1', window: variables } as unknown as StoredOutbox['windows'][0];
const parked = { window: variables, idempotencyKey: 'msg_0', parkedAt: committedAt, reason: 'HTTP 400' };

function outbox(about: Partial<StoredOutbox['about']>, held: Partial<StoredOutbox> = {}): StoredOutbox {
  const whose = { name: 'slack', hasPartner: true, intervalMs: null, onFailure: 'block', ...about };
  return {
    id: '000001',
    about: whose as StoredOutbox['about'],
    windows: [],
    delivery: undefined,
    parked: [],
    lastFired: undefined,
    ...held,
  };
}

function asParked(count: number): StoredOutbox['parked'] {
  return Array.from({ length: count }, () => parked as StoredOutbox['parked'][0]);
}

function failed(reason: string): NonNullable<StoredOutbox['delivery']> {
  return { rounds: 0, attempts: 1, notBeforeAt: null, waitMs: 0, failingSinceAt: committedAt + 1_000, reason };
}

/** Why it is stuck, so many minutes after the commit. */
function whyAfter(minutes: number, stored: StoredOutbox): string[] {
  return stuckTriggers(stored, committedAt + minutes * minute).map(({ why }) => why);
}

test('a trigger that holds nothing is not stuck', () => {
  expect(whyAfter(60, outbox({}))).toEqual([]);
  expect(whyAfter(60, outbox({ hasPartner: false }))).toEqual([]);
});

test('one whose attempt failed is, with the reason and what waits behind it', () => {
  const stored = outbox({}, { windows: [window, window], delivery: failed('HTTP 503') });
  expect(stuckTriggers(stored, committedAt + minute)).toEqual([
    {
      trigger: 'slack',
      why: 'failing',
      sinceAt: committedAt + 1_000,
      count: 2,
      waiting: 2,
      parked: 0,
      reason: 'HTTP 503',
    },
  ]);
});

test('one that parks is, and for a second reason when what comes next fails, too', () => {
  const stored = outbox({ onFailure: 'park' }, { parked: asParked(2) });
  expect(whyAfter(1, stored)).toEqual(['parked']);
  expect(whyAfter(1, { ...stored, windows: [window], delivery: failed('HTTP 503') })).toEqual(['failing', 'parked']);
});

test('one that can park no more is full', () => {
  const held = { windows: [window], delivery: failed('HTTP 503') };
  expect(whyAfter(1, outbox({ onFailure: 'park' }, { ...held, parked: asParked(999) }))).toEqual(['failing', 'parked']);
  expect(whyAfter(1, outbox({ onFailure: 'park' }, { ...held, parked: asParked(1_000) }))).toEqual(['full', 'parked']);
});

test('what an outbox without a trigger keeps is counted together', () => {
  const stored = outbox(
    { hasPartner: false },
    { windows: [window], parked: asParked(2), delivery: failed('HTTP 503') },
  );
  expect(stuckTriggers(stored, committedAt)).toMatchObject([
    { why: 'without-trigger', sinceAt: null, count: 3, waiting: 1, parked: 2 },
  ]);
});

describe('what is due and was not attempted', () => {
  test('is overdue after five minutes', () => {
    const stored = outbox({}, { windows: [window] });
    expect(whyAfter(4.9, stored)).toEqual([]);
    expect(stuckTriggers(stored, committedAt + 5 * minute)).toMatchObject([
      { why: 'overdue', sinceAt: committedAt, reason: null },
    ]);
  });

  test('is not due before its interval is over', () => {
    const lastFired = { at: committedAt - minute, runId: '2024-06-15T12:29:00.000000Z' };
    const stored = outbox({ intervalMs: 10 * minute }, { windows: [window], lastFired });
    expect(whyAfter(13.9, stored)).toEqual([]);
    expect(whyAfter(14, stored)).toEqual(['overdue']);
  });

  test('is not called overdue where it was replayed: when that was is not stored', () => {
    expect(whyAfter(60, outbox({}, { windows: [{ ...window, replayed: true }] }))).toEqual([]);
  });
});
