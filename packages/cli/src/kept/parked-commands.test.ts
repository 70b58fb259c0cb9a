import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@aftercommit/registry';
import { systemClock } from '@aftercommit/runtime-adapter';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';

const secret = 'Bearer 0f1e2d3c4b5a';
let receiver: Receiver;
let folder: string;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.stop();
});

beforeEach(async () => {
  await receiver.clear();
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-parked-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** No time passes where it is waited for a run that there is not. */
const impatient: Clock = { ...systemClock, sleep: () => new Promise((resolve) => setImmediate(resolve)) };

async function command(...args: string[]): Promise<TestIo & { exitCode: number }> {
  return await commandWith(args[0] === 'run' ? systemClock : impatient, args);
}

async function commandWith(clock: Clock, args: string[]): Promise<TestIo & { exitCode: number }> {
  const io = testIo(folder, { clock });
  const exitCode = await runCommandLine(args, io);
  return Object.assign(io, { exitCode });
}

function hook(name: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, url: `${receiver.url}/${name}`, onFailure: 'park', ...fields };
}

/** Runs a spec three times, and its receiver refuses what the first two runs commit. The idempotency keys of these. */
async function parkTwo(fields: Record<string, unknown> = {}): Promise<[string, string]> {
  await receiver.respond('/dbt', [{ status: 400, body: 'no such job' }, { status: 400 }, { status: 200 }]);
  for (const days of [4, 8, 10]) {
    writeWeather(folder, { triggers: [hook('dbt', fields)], days });
    expect((await command('run', 'weather.yaml')).exitCode).toBe(3);
  }
  const { stdout } = await command('parked', 'list', 'weather.yaml', '--json');
  const [first, second] = stdout.objects.map((object) => String(object['idempotencyKey']));
  return [first ?? '', second ?? ''];
}

async function keysOf(): Promise<Array<string | undefined>> {
  return (await receiver.requests('/dbt')).map(({ idempotencyKey }) => idempotencyKey);
}

describe('parked list', () => {
  test('names what is parked, why, and what can be done', async () => {
    const [first, second] = await parkTwo();
    const { stdout, exitCode } = await command('parked', 'list', 'weather.yaml');
    expect(exitCode).toBe(0);
    expect(stdout.lines.slice(0, 4)).toEqual([
      'acmeCo/views/weather: dbt',
      expect.stringMatching(
        new RegExp(`^  ${first}  run \\S+Z  4 documents  parked \\S+  rejected after 1 attempt: .*400.*no such job`),
      ),
      expect.stringContaining(second),
      '',
    ]);
    expect(stdout.lines.at(-1)).toMatch(/^aftercommit parked drop weather\.yaml KEY +forgets it$/);
  });

  test('prints objects for programs', async () => {
    const [first] = await parkTwo();
    const { stdout } = await command('parked', 'list', 'weather.yaml', '--json');
    expect(stdout.objects).toHaveLength(2);
    expect(stdout.objects[0]).toEqual({
      event: 'parked',
      materialization: 'acmeCo/views/weather',
      trigger: 'dbt',
      hasTrigger: true,
      idempotencyKey: first,
      runId: expect.stringMatching(/\.\d{6}Z$/),
      docs: 4,
      parkedAt: expect.stringMatching(/Z$/),
      failingSinceAt: expect.stringMatching(/Z$/),
      attempts: 1,
      outcome: 'rejected',
      reason: expect.stringContaining('no such job'),
    });
  });

  test('says when there is nothing, and when there is no state', async () => {
    writeWeather(folder);
    const none = await command('parked', 'list', 'weather.yaml');
    expect([none.exitCode, none.stderr.text]).toEqual([
      2,
      expect.stringMatching(/^There is no state .*state\.db: weather\.yaml was never run/),
    ]);
    await command('run', 'weather.yaml', '--state', 'own.db');
    expect((await command('parked', 'list', 'weather.yaml', '--state', 'own.db')).stdout.text).toBe(
      'Nothing is parked.\n',
    );
  });
});

test('parked show prints the window, and the payload as it would be made now, without a secret', async () => {
  const [first] = await parkTwo({ headers: { Authorization: secret } });
  const payloadTemplate = '{"now":{{docs_total}},"by":"{{headers.Authorization}}"}';
  writeWeather(folder, { triggers: [hook('dbt', { headers: { Authorization: secret }, payloadTemplate })] });
  const { stdout } = await command('parked', 'show', 'weather.yaml', first);
  expect(stdout.text).toContain(`key             ${first}\n`);
  expect(stdout.text).toContain('  docs_total: 4\n');
  expect(stdout.lines.slice(-2)).toEqual(['payload, as it would be made now', '  {"now":4,"by":"[redacted]"}']);
  const { stdout: json } = await command('parked', 'show', 'weather.yaml', first, '--json');
  expect(json.objects).toMatchObject([
    { idempotencyKey: first, window: { docs_total: 4 }, payload: expect.stringContaining('"now":4') },
  ]);
  expect(stdout.text + json.text).not.toContain('0f1e2d3c4b5a');
});

test('what was stored before a secret was configured is shown without it', async () => {
  await receiver.respond('/dbt', [{ status: 400, body: 'wants 9a8b7c6d5e4f' }]);
  writeWeather(folder, { triggers: [hook('dbt'), hook('slack', { onFailure: 'block' })], maxDocs: 100 });
  await receiver.respond('/slack', [{ status: 400, body: `wants ${btoa('Token 9a8b7c6d5e4f')}` }]);
  await command('run', 'weather.yaml');
  const before = await command('parked', 'list', 'weather.yaml');
  expect(before.stdout.text).toContain('wants 9a8b7c6d5e4f');
  const rotated = hook('dbt', { headers: { Authorization: 'Token 9a8b7c6d5e4f' } });
  writeWeather(folder, { triggers: [rotated, hook('slack', { onFailure: 'block' })], maxDocs: 100 });
  const key = String((await command('parked', 'list', 'weather.yaml', '--json')).stdout.objects[0]?.['idempotencyKey']);
  for (const args of [['parked', 'list'], ['parked', 'show'], ['status']]) {
    for (const format of [[], ['--json']]) {
      const { stdout } = await command(...args, 'weather.yaml', ...(args[1] === 'show' ? [key] : []), ...format);
      expect(stdout.text).toContain('wants [redacted]');
      expect(stdout.text).not.toMatch(/9a8b7c6d5e4f|OWE4YjdjNmQ1ZTRm/);
    }
  }
});

describe('parked replay', () => {
  test('is done by the next run when none goes on', async () => {
    const [first, second] = await parkTwo();
    const { stdout, exitCode } = await command('parked', 'replay', 'weather.yaml', '--all');
    expect(exitCode).toBe(0);
    expect(stdout.text).toBe(
      'acmeCo/views/weather: replay 2 deliveries of dbt: the next run does it: aftercommit run weather.yaml\n',
    );
    expect((await command('run', 'weather.yaml')).exitCode).toBe(0);
    expect((await keysOf()).slice(-2)).toEqual([first, second]);
  });

  test('is taken by the run that goes on', async () => {
    const [, second] = await parkTwo();
    const io = testIo(folder);
    const running = runCommandLine(['run', 'weather.yaml', '--follow', '--json'], io);
    await io.stdout.until('"opened"');
    const { stdout } = await commandWith(systemClock, ['parked', 'replay', 'weather.yaml', second]);
    expect(stdout.text).toBe('acmeCo/views/weather: replay 1 delivery of dbt: taken by the run that goes on\n');
    await io.stdout.until('"delivered"');
    io.send('SIGTERM');
    expect(await running).toBe(3);
    expect((await keysOf()).at(-1)).toBe(second);
    expect(io.stdout.objects.at(-1)).toMatchObject({ event: 'ended', parked: { dbt: 1 } });
  });
});

describe('parked drop', () => {
  test('forgets what was named', async () => {
    const [first, second] = await parkTwo();
    await command('parked', 'drop', 'weather.yaml', first);
    expect((await command('run', 'weather.yaml')).exitCode).toBe(3);
    const { stdout } = await command('parked', 'list', 'weather.yaml', '--json');
    expect(stdout.objects.map(({ idempotencyKey }) => idempotencyKey)).toEqual([second]);
  });

  test('forgets an outbox that has no trigger any more', async () => {
    const [first] = await parkTwo();
    writeWeather(folder, { triggers: [hook('slack')] });
    const ran = await command('run', 'weather.yaml');
    expect([ran.exitCode, ran.stderr.text]).toEqual([3, expect.stringContaining('outbox "dbt" holds 2 parked ones')]);
    expect(ran.stdout.lines.at(-1)).toContain(
      'dbt has no trigger any more, and 2 parked deliveries: see aftercommit parked list weather.yaml',
    );
    const replay = await command('parked', 'replay', 'weather.yaml', first);
    expect([replay.exitCode, replay.stderr.text]).toEqual([2, expect.stringContaining('dbt has no trigger any more')]);
    expect((await command('parked', 'list', 'weather.yaml')).stdout.text).toContain('dbt (has no trigger any more)');
    const drop = await command('parked', 'drop', 'weather.yaml', '--outbox', 'dbt');
    expect([drop.exitCode, drop.stdout.text]).toEqual([
      0,
      expect.stringContaining('drop the outbox dbt: the next run'),
    ]);
    expect((await command('run', 'weather.yaml')).exitCode).toBe(0);
    expect((await command('parked', 'list', 'weather.yaml')).stdout.text).toBe('Nothing is parked.\n');
  });
});

describe('what cannot be done says so:', () => {
  test.each([
    [['replay', 'weather.yaml'], /^Say what to replay: aftercommit parked replay weather\.yaml KEY…/],
    [['drop', 'weather.yaml', 'msg_1', '--all'], /^Say what to drop: .* --outbox NAME\.$/],
    [['replay', 'weather.yaml', 'msg_1'], /^Nothing is parked under msg_1: see aftercommit parked list weather\.yaml$/],
    [
      ['replay', 'weather.yaml', '--all', '--trigger', 'other'],
      /^There is no trigger other in weather\.yaml: there is only dbt\.$/,
    ],
    [
      ['drop', 'weather.yaml', '--outbox', 'dbt'],
      /^A trigger has the outbox dbt: see aftercommit status weather\.yaml$/,
    ],
    [['drop', 'weather.yaml', '--outbox', 'old'], /^There is no outbox old without a trigger: there is none\.$/],
    [['show', 'weather.yaml', 'msg_1'], /^Nothing is parked under msg_1/],
  ])('parked %j', async (args, sentence) => {
    await parkTwo();
    const { exitCode, stderr, stdout } = await command('parked', ...args);
    expect([exitCode, stdout.text]).toEqual([2, '']);
    expect(stderr.text.trim()).toMatch(sentence);
  });
});

describe('status', () => {
  test('says how far everything is, for people and for programs', async () => {
    await parkTwo();
    const { stdout } = await command('status', 'weather.yaml');
    expect(stdout.lines).toEqual([
      '1 trigger is stuck:',
      expect.stringMatching(/^ {2}acmeCo\/views\/weather: dbt: 2 parked since \S+ \(\d+ s\)$/),
      expect.stringMatching(/^ {4}reason {8}HTTP 400 from http:\/\/127\.0\.0\.1:\d+$/),
      '    to deliver    aftercommit parked replay weather.yaml --trigger dbt --all',
      '    to forget     aftercommit parked drop weather.yaml --trigger dbt --all',
      '    to see more   aftercommit parked list weather.yaml --trigger dbt',
      '',
      expect.stringMatching(/^acmeCo\/views\/weather: last commit \S+, 2 documents, run \S+Z$/),
      expect.stringMatching(/^ {2}dbt: stuck, see above; last delivered \S+, run \S+Z$/),
    ]);
    const { stdout: json } = await command('status', 'weather.yaml', '--json');
    expect(json.objects).toMatchObject([
      {
        event: 'materialization',
        materialization: 'acmeCo/views/weather',
        lastCommit: { docs: 2 },
        triggers: [
          { trigger: 'dbt', lastDelivered: { runId: expect.any(String) }, waiting: 0, delivery: null, parked: 2 },
        ],
        withoutTrigger: [],
        stuck: [
          {
            trigger: 'dbt',
            why: 'parked',
            sinceAt: expect.stringMatching(/Z$/),
            count: 2,
            waiting: 0,
            parked: 2,
            reason: expect.stringContaining('400'),
            fix: 'aftercommit parked replay weather.yaml --trigger dbt --all',
          },
        ],
      },
    ]);
  });

  test('names the delivery being tried, and what no trigger has any more', async () => {
    await receiver.respond('/dbt', [{ status: 503, headers: { 'retry-after': '600' } }]);
    writeWeather(folder, { triggers: [hook('dbt', { onFailure: 'block', maxAttempts: 1 })] });
    expect((await command('run', 'weather.yaml')).exitCode).toBe(1);
    const { stdout } = await command('status', 'weather.yaml');
    expect(stdout.lines).toEqual([
      '1 trigger is stuck:',
      expect.stringMatching(/^ {2}acmeCo\/views\/weather: dbt: failing since \S+ \(\d+ s\), 1 window to deliver$/),
      expect.stringMatching(/^ {4}reason {8}HTTP 503 /),
      '    to mend       the receiver, or the trigger in the spec; the next run tries again, or the one that goes on',
      '    to try now    aftercommit run weather.yaml --retry-now',
      '    to test       aftercommit fire weather.yaml --trigger dbt',
      '',
      expect.stringMatching(/^acmeCo\/views\/weather: last commit /),
      expect.stringMatching(
        /^ {2}dbt: stuck, see above; never delivered; 1 window to deliver; attempt 1 in (10 m|9 m \d+ s)$/,
      ),
    ]);
    writeWeather(folder, { triggers: [hook('slack')] });
    await command('run', 'weather.yaml');
    const { stdout: later } = await command('status', 'weather.yaml');
    expect(later.lines).toEqual([
      '1 trigger is stuck:',
      '  acmeCo/views/weather: dbt: has no trigger any more, and keeps 1 window and 0 parked',
      '    to deliver    call a trigger dbt',
      '    to forget     aftercommit parked drop weather.yaml --outbox dbt',
      '',
      expect.stringMatching(/^acmeCo\/views\/weather: last commit /),
      expect.stringMatching(/^ {2}slack: /),
    ]);
  });

  test('of a trigger that never ran is that there is nothing', async () => {
    writeWeather(folder, { days: 0 });
    await command('run', 'weather.yaml');
    writeWeather(folder, { days: 0, triggers: [hook('dbt')] });
    expect((await command('status', 'weather.yaml')).stdout.lines).toEqual([
      'acmeCo/views/weather: never committed',
      '  dbt: never delivered',
    ]);
  });
});
