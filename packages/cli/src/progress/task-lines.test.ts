import { createColors } from 'picocolors';
import { describe, expect, test } from 'vitest';
import { committed, delivered, failedAttempt, openedNew, storyAt, told, waiting } from '../../test/session-story.js';
import { localTime } from '../terminal/readable-text.js';
import { textWidth } from '../terminal/text-width.js';
import { type LineSpace, taskLines } from './task-lines.js';
import { progressed, type TaskProgress, unopened } from './task-progress.js';

type Events = Parameters<typeof progressed>[1][];

function task(events: Events, name = 'acmeCo/weather'): TaskProgress {
  const start = unopened(name, [{ name: 'dbt' }, { name: 'slack', intervalMs: 600_000 }]);
  return events.reduce((one, event) => progressed(one, event), start);
}

function lines(tasks: TaskProgress[], space: Partial<LineSpace> = {}): string[] {
  return taskLines(tasks, { columns: 80, rows: 23, now: storyAt + 2_000, colors: createColors(false), ...space });
}

const read: Events = [told(openedNew), committed(1, 1_461), delivered('dbt', 1), delivered('slack', 1)];
const retrying: Events = [told(openedNew), committed(1, 1_461), delivered('slack', 1), failedAttempt('dbt', 1, 5_000)];

test('a task is one line: its counts and what it is doing', () => {
  expect(lines([task(read)], { columns: 100 })).toEqual([
    '● acmeCo/weather  1,461 documents  1 transaction  2 deliveries  reading',
  ]);
  expect(lines([task([])])[0]).toContain('opening');
});

test('a retry is shown with its trigger, its time and its reason', () => {
  const wide = { columns: 120 };
  expect(lines([task(retrying)], wide)).toEqual([
    '● acmeCo/weather  1,461 documents  1 transaction  1 delivery  1 failed  retrying dbt in 4 s: HTTP 503',
  ]);
  expect(lines([task(retrying)], { ...wide, now: storyAt + 6_000 })[0]).toContain('retrying dbt now: HTTP 503');
});

test('deliveries under way are named', () => {
  expect(lines([task([told(openedNew), committed(1, 5)])], { columns: 120 })[0]).toContain('delivering dbt, slack');
});

test('what waits for its interval is named with its time', () => {
  const events = [...read, committed(2, 5), delivered('dbt', 2), waiting('slack', 2, 598_000)];
  expect(lines([task(events)], { columns: 120 })[0]).toContain(
    `reading; slack waits until ${localTime(storyAt + 600_000, storyAt)} (1 window)`,
  );
});

test('several tasks stand in columns', () => {
  const shown = lines([task(read), task([told(openedNew), committed(1, 7)], 'acmeCo/b')]);
  expect(shown).toEqual([
    '● acmeCo/weather  1,461 docs  1 txn  2 deliveries  reading',
    '● acmeCo/b            7 docs  1 txn  0 deliveries  delivering dbt, slack',
  ]);
});

describe('a narrow terminal', () => {
  test('shortens words first, and not because of what is being done', () => {
    const [busy = ''] = lines([task(retrying)], { columns: 98 });
    const [quiet = ''] = lines([task([...retrying, delivered('dbt', 1)])], { columns: 98 });
    expect([busy.includes('documents'), quiet.includes('documents')]).toEqual([true, true]);
    expect(lines([task(read)], { columns: 62 })).toEqual([
      '● acmeCo/weather  1,461 docs  1 txn  2 deliveries  reading',
    ]);
  });

  test('puts what does not fit beside into a line below', () => {
    expect(lines([task(retrying)], { columns: 70 })).toEqual([
      '● acmeCo/weather  1,461 docs  1 txn  1 delivery  1 failed',
      '    retrying dbt in 4 s: HTTP 503',
    ]);
  });

  test('cuts a long reason, but not what waits', () => {
    const slow = failedAttempt('dbt', 2, 5_000);
    const reason = `HTTP 503: ${'busy '.repeat(40)}`;
    const events = [...read, committed(2, 5), waiting('slack', 2, 598_000), { ...slow, reason } as typeof slow];
    const [, second = '', third] = lines([task(events)]);
    expect(second).toMatch(/^ {4}retrying dbt in 5 s: HTTP 503: busy .*…$/);
    expect(third).toBe(`    slack waits until ${localTime(storyAt + 600_000, storyAt)} (1 window)`);
  });

  test('cuts the beginning of a long name, whose end tells it apart', () => {
    const [line = ''] = lines([task(read, 'acmeCo/production/warehouse/materialize-snowflake/weather')]);
    expect(line).toMatch(/^● ….*weather {2}1,461 docs {2}1 txn {2}2 deliveries {2}reading$/);
  });

  test('puts counts below that do not fit beside', () => {
    expect(lines([task(read), task(retrying, 'acmeCo/b')], { columns: 40 })).toEqual([
      '● acmeCo/weather  1,461 docs  1 txn',
      '    2 deliveries  reading',
      '● acmeCo/b        1,461 docs  1 txn',
      '    1 delivery  1 failed',
      '    retrying dbt in 4 s: HTTP 503',
    ]);
  });

  test('leaves counts out where there is no line for them', () => {
    expect(lines([task(read), task(retrying, 'acmeCo/b')], { columns: 40, rows: 2 })).toEqual([
      '● acmeCo/weather  1,461 docs  1 txn  re…',
      '● acmeCo/b        1,461 docs  1 txn  re…',
    ]);
  });

  test.each([30, 40, 50, 62, 70, 80, 100])('of %i columns is never exceeded', (columns) => {
    const tasks = [task(read), task(retrying, 'acmeCo/a/very/long/name/of/a/materialization')];
    for (const rows of [2, 23]) {
      expect(Math.max(...lines(tasks, { columns, rows }).map(textWidth))).toBeLessThanOrEqual(columns);
    }
  });
});

describe('a low terminal', () => {
  const tasks = [
    task([]),
    task(read, 'acmeCo/b'),
    task(retrying, 'acmeCo/c'),
    task([], 'acmeCo/d'),
    task([], 'acmeCo/e'),
  ];

  test('gets no more lines than it has', () => {
    for (const rows of [1, 2, 3, 4, 5, 9, 10]) expect(lines(tasks, { rows }).length).toBeLessThanOrEqual(rows);
  });

  test('shows what needs a person first, in the order of the spec, and counts the others', () => {
    const shown = lines(tasks, { rows: 3 });
    expect(shown[0]).toContain('acmeCo/b');
    expect(shown[1]).toContain('acmeCo/c');
    expect(shown[2]).toBe('… and 3 more: 3 opening');
  });

  test('keeps the beginning of a reason that has no line of its own', () => {
    const [, , third = ''] = lines(tasks, { rows: 5 });
    expect(third).toContain('retrying dbt in');
    expect(textWidth(third)).toBeLessThanOrEqual(80);
  });
});

test('the last lines leave out what sentences say', () => {
  const done = [
    ...read,
    committed(2, 5),
    waiting('slack', 2, 598_000),
    told({ event: 'ended', waiting: { slack: 1 }, parked: {}, stuck: [] }),
  ];
  expect(lines([task(done as Events)], { now: undefined })[0]).toMatch(/^✓ .* {2}done$/);
  const failed = [...read, told({ event: 'failed', code: 'SOURCE_CHANGED', reason: 'x' })];
  expect(lines([task(failed as Events)], { now: undefined })[0]).toMatch(/^✗ .* {2}failed: SOURCE_CHANGED$/);
});
