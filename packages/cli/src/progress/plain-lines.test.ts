import type { SessionEvent } from '@aftercommit/runtime-adapter';
import { ManualClock } from '@aftercommit/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { CollectedText } from '../../test/command-line-bench.js';
import {
  committed,
  delivered,
  failedAttempt,
  openedNew,
  parked,
  storyAt,
  told,
  waiting,
} from '../../test/session-story.js';
import { Output } from '../terminal/output.js';
import { localTime } from '../terminal/readable-text.js';
import { PlainLines } from './plain-lines.js';
import { progressed, type TaskProgress, unopened } from './task-progress.js';

let stdout: CollectedText;
let stderr: CollectedText;
let clock: ManualClock;
let lines: PlainLines;
let task: TaskProgress;

beforeEach(() => {
  stdout = new CollectedText();
  stderr = new CollectedText();
  clock = new ManualClock(storyAt);
  task = unopened('acmeCo/weather', [{ name: 'dbt' }, { name: 'slack', intervalMs: 600_000 }]);
  const outputs = { stdout: new Output(stdout), stderr: new Output(stderr) };
  lines = new PlainLines({
    ...outputs,
    clock,
    tasks: [task],
    command: 'aftercommit run weather.yaml',
    parkedList: 'aftercommit parked list weather.yaml',
  });
});

function observe(...events: SessionEvent[]): void {
  for (const event of events) {
    task = progressed(task, event);
    lines.observe(event, task);
  }
}

function at(second: number): string {
  return localTime(storyAt + second * 1_000, storyAt);
}

describe('opening', () => {
  test('is a line with the local time and the name', () => {
    observe(told(openedNew));
    expect(stdout.lines).toEqual([`${at(0)} acmeCo/weather: opened, begins at the start of its sources`]);
  });

  test('says when everything begins again', () => {
    observe(told({ ...openedNew, runtimeCheckpoint: 'began-again' }));
    expect(stdout.text).toContain('acmeCo/weather: opened, begins again from the start of its sources\n');
  });

  test('names what an earlier run left', () => {
    observe(told({ ...openedNew, runtimeCheckpoint: 'in-step', leftOver: { dbt: 2, slack: 1 } }));
    expect(stdout.text).toContain(
      'opened, goes on after the last commit; dbt has 2 windows left over from an earlier run; ' +
        'slack has 1 window left over from an earlier run\n',
    );
  });
});

describe('while it runs', () => {
  test('a line of progress comes every ten seconds at most, and only with news', async () => {
    observe(told(openedNew), committed(1, 1_000));
    await clock.advance(9_999);
    observe(committed(2, 1_000));
    expect(stdout.lines).toHaveLength(1);
    await clock.advance(1);
    observe(committed(3, 1_000), committed(4, 1_000));
    expect(stdout.lines).toHaveLength(2);
    expect(stdout.lines[1]).toContain('acmeCo/weather: 3,000 documents, 3 transactions, 0 deliveries');
    await clock.advance(60_000);
    expect(stdout.lines).toHaveLength(2);
  });

  test('a failed attempt is a line with its reason and the next one', () => {
    observe(told(openedNew), committed(1, 5), failedAttempt('dbt', 1, 1_400));
    expect(stdout.lines.at(-1)).toBe(`${at(1)} acmeCo/weather: dbt: attempt 1 failed: HTTP 503; next in 2 s`);
    observe(failedAttempt('dbt', 2));
    expect(stdout.lines.at(-1)).toContain('HTTP 503; no further attempt');
  });

  test('what is parked is a line', () => {
    observe(told(openedNew), committed(1, 5), parked('dbt', 1));
    expect(stdout.lines.at(-1)).toBe(
      `${at(1)} acmeCo/weather: dbt: parked run 2024-06-15T10:30:01.000000Z after 3 attempts, and goes on`,
    );
  });

  test('an attempt that succeeded is none', () => {
    observe(told(openedNew), committed(1, 5), delivered('dbt', 1));
    expect(stdout.lines).toHaveLength(1);
  });
});

describe('the end', () => {
  test('is a summary, and what waits for its interval with its time', () => {
    observe(
      told(openedNew),
      committed(1, 1_461),
      delivered('dbt', 1),
      waiting('slack', 1, 251_000),
      told({ event: 'ended', waiting: { slack: 1 }, parked: {}, stuck: [] }, 2),
    );
    expect(stdout.lines.slice(1)).toEqual([
      `${at(2)} acmeCo/weather: done: 1,461 documents, 1 transaction, 1 delivery`,
      `${at(2)} acmeCo/weather: slack waits for its interval: 1 window, due at ${at(252)} (in 4 m 10 s); the first run after that delivers it`,
    ]);
  });

  test('says what is parked, and how to see it', () => {
    const end = told({ event: 'ended', waiting: { dbt: 2 }, parked: { dbt: 1_000, slack: 1 }, stuck: ['dbt'] }, 2);
    observe(told(openedNew), committed(1, 5), end);
    expect(stdout.lines.slice(-3)).toEqual([
      `${at(2)} acmeCo/weather: dbt has 2 windows left: no more can be parked`,
      `${at(2)} acmeCo/weather: dbt has 1,000 parked deliveries: see aftercommit parked list weather.yaml`,
      `${at(2)} acmeCo/weather: slack has 1 parked delivery: see aftercommit parked list weather.yaml`,
    ]);
  });

  test('says once what is parked where no trigger is configured any more', () => {
    observe(told(openedNew), told({ event: 'ended', waiting: {}, parked: { old: 2 }, stuck: [] }, 2));
    expect(stdout.lines.slice(1)).toEqual([
      `${at(2)} acmeCo/weather: done: 0 documents, 0 transactions, 0 deliveries`,
      `${at(2)} acmeCo/weather: old has no trigger any more, and 2 parked deliveries: see aftercommit parked list weather.yaml`,
    ]);
  });

  test('tells a failure with its code and, where there is one, the flag that helps', () => {
    observe(told({ event: 'failed', code: 'CHECKPOINT_DIVERGED', reason: 'acmeCo/weather: They differ.' }));
    observe(told({ event: 'ended', waiting: {}, parked: {}, stuck: [] }));
    expect(stderr.lines).toEqual([
      `${at(0)} acmeCo/weather: failed: CHECKPOINT_DIVERGED: They differ.`,
      `${at(0)} acmeCo/weather: If the endpoint is right as it is: aftercommit run weather.yaml --accept-endpoint`,
    ]);
    expect(stdout.lines).toEqual([`${at(0)} acmeCo/weather: ended: 0 documents, 0 transactions, 0 deliveries`]);
  });

  test('says what a failure left, and how the last attempt went', () => {
    observe(told(openedNew), committed(1, 5), failedAttempt('dbt', 1, 1_000));
    observe(told({ event: 'failed', code: 'SOURCE_CHANGED', reason: 'It changed.' }, 1));
    observe(told({ event: 'ended', waiting: { dbt: 1 }, parked: {}, stuck: [] }, 1));
    expect(stdout.lines.at(-2)).toContain('ended: 5 documents, 1 transaction, 0 deliveries, 1 failed attempt');
    expect(stdout.lines.at(-1)).toContain('dbt has 1 window left, last attempt: HTTP 503; the next run tries again');
  });

  test('promises no delivery after one that failed for good', () => {
    observe(told(openedNew), committed(1, 5), failedAttempt('dbt', 1));
    observe(told({ event: 'failed', code: 'DELIVERY_EXHAUSTED', reason: 'It failed.' }, 1));
    observe(told({ event: 'ended', waiting: { dbt: 1 }, parked: {}, stuck: [] }, 1));
    expect(stdout.lines.at(-1)).toBe(`${at(1)} acmeCo/weather: dbt has 1 window left; the next run tries again`);
  });

  test.each(['STORE_FENCED', 'ENDPOINT_FENCED'])('says nothing of what another run goes on with: %s', (code) => {
    observe(told(openedNew), committed(1, 5), waiting('slack', 1, 250_000));
    observe(told({ event: 'failed', code, reason: 'Another was opened.' }, 1));
    observe(told({ event: 'ended', waiting: { dbt: 1, slack: 1 }, parked: {}, stuck: [] }, 1));
    expect(stdout.lines.at(-1)).toContain('ended: 5 documents');
    expect(stdout.text).not.toContain('next run');
    expect(stdout.text).not.toContain('waits');
  });
});

test('no text of others writes an escape code or a second line', () => {
  observe(told({ event: 'failed', code: 'DELIVERY_REJECTED', reason: 'HTTP 400:\n\u001B[31mno' }));
  lines.say('acmeCo/weather: \u001B[2Jgone');
  expect(stderr.lines).toHaveLength(2);
  expect(stdout.text + stderr.text).not.toContain('\u001B');
});

test('warnings go to standard error, with the time', () => {
  lines.say('acmeCo/weather: is empty');
  expect(stderr.text).toBe(`${at(0)} acmeCo/weather: is empty\n`);
  expect(stdout.text).toBe('');
});
