import { stripVTControlCharacters } from 'node:util';
import type { SessionEvent } from '@aftercommit/runtime-adapter';
import { ManualClock } from '@aftercommit/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CollectedText } from '../../test/command-line-bench.js';
import { committed, delivered, failedAttempt, openedNew, storyAt, told, waiting } from '../../test/session-story.js';
import { Output } from '../terminal/output.js';
import { LiveScreen } from './live-screen.js';
import { progressed, type TaskProgress, unopened } from './task-progress.js';

let stdout: CollectedText;
let stderr: CollectedText;
let clock: ManualClock;
let screen: LiveScreen;
let task: TaskProgress;

beforeEach(() => {
  stdout = new CollectedText({ isTTY: true, columns: 120 });
  stderr = new CollectedText({ isTTY: true });
  clock = new ManualClock(storyAt);
  task = unopened('acmeCo/weather', [{ name: 'dbt' }, { name: 'slack', intervalMs: 600_000 }]);
  screen = open({ stdout: false, stderr: false });
});

afterEach(async () => {
  await screen.close();
});

function open(colors: { stdout: boolean; stderr: boolean }): LiveScreen {
  const outputs = { stdout: new Output(stdout), stderr: new Output(stderr) };
  return new LiveScreen({
    ...outputs,
    clock,
    tasks: [task],
    command: "aftercommit run 'my weather.yaml'",
    parkedList: "aftercommit parked list 'my weather.yaml'",
    colors,
  });
}

function observe(...events: SessionEvent[]): void {
  for (const event of events) {
    task = progressed(task, event);
    screen.observe(event, task);
  }
}

/** What was written since, without escape codes. */
function written(since: number): string {
  return stripVTControlCharacters(stdout.text.slice(since));
}

test('shows a task before anything happens', () => {
  expect(written(0)).toContain('acmeCo/weather  0 documents  0 transactions  0 deliveries  opening\n');
});

test('draws at most every 100 ms, whatever happens', async () => {
  await clock.advance(0);
  const before = stdout.text.length;
  observe(told(openedNew), committed(1, 1), committed(2, 1));
  await clock.advance(99);
  expect(stdout.text).toHaveLength(before);
  await clock.advance(1);
  expect(written(before)).toContain('2 documents');
});

test('counts down to the next attempt while nothing happens', async () => {
  observe(told(openedNew), committed(1, 5), delivered('slack', 1), failedAttempt('dbt', 1, 4_000));
  await clock.advance(100);
  expect(written(0)).toContain('retrying dbt in 5 s: HTTP 503');
  await clock.advance(2_000);
  expect(written(0)).toContain('retrying dbt in 3 s: HTTP 503');
});

test('writes nothing while nothing changes', async () => {
  await clock.advance(100);
  const before = stdout.text.length;
  await clock.advance(5_000);
  expect(stdout.text).toHaveLength(before);
});

test('keeps a failure above the lines, with what to do', async () => {
  observe(told(openedNew), told({ event: 'failed', code: 'ENDPOINT_LOST_STAGING', reason: 'A staging is lost.' }));
  const text = written(0);
  expect(text).toContain('✗ acmeCo/weather failed: ENDPOINT_LOST_STAGING\n  A staging is lost.\n');
  expect(text).toContain("aftercommit run 'my weather.yaml' --accept-endpoint\n");
  const block = text.indexOf('A staging is lost.');
  expect(text.indexOf('acmeCo/weather  0 documents', block)).toBeGreaterThan(block);
});

test('writes warnings to standard error, after what is written over was wiped, and draws it again', () => {
  const before = stdout.text.length;
  screen.say('acmeCo/weather: weather is empty');
  expect(stderr.text).toBe('acmeCo/weather: weather is empty\n');
  expect(stdout.text.slice(before)).toContain('\u001B[2K');
  expect(written(before)).toContain('acmeCo/weather  0 documents');
});

test('breaks what stays between words, and a command nowhere', async () => {
  stdout.columns = 40;
  stderr.columns = 40;
  const reason = 'The staged transaction that the state names is neither staged nor applied in the endpoint.';
  observe(told(openedNew), told({ event: 'failed', code: 'ENDPOINT_LOST_STAGING', reason }));
  screen.say('acmeCo/weather: weather is empty, although documents were stored in it.\n  at main.js');
  const text = written(0);
  expect(text).toContain(
    ['  The staged transaction that the state', '  names is neither staged nor applied in', '  the endpoint.', ''].join(
      '\n',
    ),
  );
  expect(text).toContain("\n  aftercommit run 'my weather.yaml' --accept-endpoint\n");
  expect(stderr.text).toBe(
    ['acmeCo/weather: weather is empty,', '  although documents were stored in it.', '  at main.js', ''].join('\n'),
  );
});

test('breaks the last sentences between words', async () => {
  stdout.columns = 40;
  observe(
    told(openedNew),
    committed(1, 5),
    waiting('slack', 1, 250_000),
    told({ event: 'ended', waiting: { slack: 1 }, parked: {}, stuck: [] }, 1),
  );
  const before = stdout.text.length;
  await screen.close();
  const sentence = written(before).slice(written(before).indexOf('acmeCo/weather: slack'));
  expect(sentence).toMatch(/^acmeCo\/weather: slack waits for its\n {2}interval: 1 window, due at/);
  expect(Math.max(...sentence.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
});

test('leaves the final state, and names what waits with its time', async () => {
  observe(told(openedNew), committed(1, 1_461), delivered('dbt', 1), waiting('slack', 1, 250_000));
  await clock.advance(1_000);
  observe(told({ event: 'ended', waiting: { slack: 1 }, parked: {}, stuck: [] }, 1));
  const before = stdout.text.length;
  await screen.close();
  const [last = '', ...sentences] = written(before).trim().split('\n');
  expect(last).toBe('✓ acmeCo/weather  1,461 documents  1 transaction  1 delivery  done');
  expect(sentences).toEqual([
    expect.stringMatching(
      /^acmeCo\/weather: slack waits for its interval: 1 window, due at [\d:]{8} \(in 4 m 10 s\); the first run after that delivers$/,
    ),
    '  it',
  ]);
});

test('names at the end what is parked where no trigger is configured any more', async () => {
  observe(told(openedNew), told({ event: 'ended', waiting: {}, parked: { old: 1 }, stuck: [] }, 1));
  const before = stdout.text.length;
  await screen.close();
  const [last = '', ...sentences] = written(before).trim().split('\n');
  expect(last).toMatch(/^✓ acmeCo\/weather .* done$/);
  expect(sentences.join('').replaceAll(/ +/g, ' ')).toMatch(
    /^acmeCo\/weather: old has no trigger any more, and 1 parked delivery: see aftercommit parked list /,
  );
});

test('shows every task at the end, however low the terminal is', async () => {
  await screen.close();
  stdout.rows = 3;
  const tasks = ['a', 'b', 'c', 'd', 'e'].map((name) => unopened(name, []));
  const outputs = { stdout: new Output(stdout), stderr: new Output(stderr) };
  const colors = { stdout: false, stderr: false };
  screen = new LiveScreen({
    ...outputs,
    clock,
    tasks,
    command: 'aftercommit run spec.yaml',
    parkedList: 'aftercommit parked list weather.yaml',
    colors,
  });
  expect(written(0)).toContain('… and 4 more');
  const before = stdout.text.length;
  await screen.close();
  expect(written(before).trim().split('\n')).toHaveLength(5);
});

test('draws nothing after the end', async () => {
  await screen.close();
  const before = stdout.text.length;
  screen.say('too late');
  await clock.advance(1_000);
  expect(stdout.text).toHaveLength(before);
  expect(stderr.text).toBe('too late\n');
});

test('is coloured only when it may be', async () => {
  observe(told({ event: 'failed', code: 'SOURCE_CHANGED', reason: 'x' }));
  screen.say('a warning');
  await screen.close();
  for (const code of ['\u001B[31m', '\u001B[33m', '\u001B[1m']) expect(stdout.text + stderr.text).not.toContain(code);
  screen = open({ stdout: true, stderr: true });
  observe(told({ event: 'failed', code: 'SOURCE_CHANGED', reason: 'x' }));
  screen.say('a warning');
  expect(stdout.text).toContain('\u001B[31m');
  expect(stderr.text).toContain('\u001B[33ma warning\u001B[39m');
});

test('never hides the cursor', async () => {
  observe(told(openedNew), committed(1, 1));
  await clock.advance(1_000);
  await screen.close();
  expect(stdout.text).not.toContain('\u001B[?25l');
});
