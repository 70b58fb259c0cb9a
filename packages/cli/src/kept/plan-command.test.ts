import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WriteBatch } from '@aftercommit/persistence';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { recipient } from '../../test/sealing.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';

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
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-plan-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function command(...args: string[]): Promise<TestIo & { exitCode: number }> {
  const io = testIo(folder);
  const exitCode = await runCommandLine(args, io);
  return Object.assign(io, { exitCode });
}

function hook(name: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, url: `${receiver.url}/${name}`, ...fields };
}

/** What is printed, without what is another in every run. */
function steady({ stdout }: TestIo): string {
  return stdout.text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'RUN')
    .replaceAll(/(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d/g, 'TIME')
    .replaceAll(/in (?:2 h|1 h 59 m \d+ s)/g, 'in 2 h')
    .replaceAll(/in (?:1 h|59 m \d+ s)\b/g, 'in 1 h')
    .replaceAll(receiver.url, 'http://receiver');
}

/** A task of one commit: `dbt` has it to deliver, and has to wait; `slack` delivered it, and `old` has parked it. */
async function ran(): Promise<void> {
  await receiver.respond('/dbt', [{ status: 503, headers: { 'retry-after': '600' } }]);
  await receiver.respond('/old', [{ status: 400 }]);
  const triggers = [
    hook('slack', { interval: '1h', onFailure: 'park' }),
    hook('old', { onFailure: 'park' }),
    hook('dbt', { maxAttempts: 1 }),
  ];
  writeWeather(folder, { days: 1, triggers });
  await command('run', 'weather.yaml');
}

describe('a spec that was never run', () => {
  test('has new triggers, and nothing is made for it', async () => {
    writeWeather(folder, { triggers: [hook('slack', { interval: '1h' })] });
    const plan = await command('plan', 'weather.yaml');
    expect([plan.exitCode, plan.stderr.text]).toEqual([
      0,
      expect.stringMatching(/^There is no state .*state\.db: .* Everything is new\.\n$/),
    ]);
    expect(steady(plan)).toBe(
      `acmeCo/views/weather: never committed
  slack: is new, and starts with nothing waiting
    delivers to  http://receiver (webhook, onFailure block)
    interval     1h, what commits next goes out at once
    payload      of a placeholder, because no commit with documents is known
      {"docs":1}
`,
    );
    expect(existsSync(join(folder, '.aftercommit'))).toBe(false);
  });

  test('is told what is wrong with it', async () => {
    writeWeather(folder, { triggers: [hook('slack', { colour: 'red' })] });
    const plan = await command('plan', 'weather.yaml');
    expect([plan.exitCode, plan.stdout.text]).toEqual([2, '']);
    expect(plan.stderr.text).toContain('colour');
  });
});

describe('a spec that was run', () => {
  test('goes on as it is where nothing changed', async () => {
    writeWeather(folder, { triggers: [hook('slack')] });
    await command('run', 'weather.yaml');
    const plan = await command('plan', 'weather.yaml');
    expect([plan.exitCode, plan.stderr.text]).toEqual([0, '']);
    expect(steady(plan)).toBe(
      `acmeCo/views/weather: last commit TIME, 2 documents, run RUN
  slack: goes on; nothing changed
    delivers to  http://receiver (webhook, onFailure block)
    payload      of the last commit, run RUN
      {"docs":2}
`,
    );
  });

  test('is told what goes where when triggers are renamed, corrected and removed', async () => {
    await ran();
    writeWeather(folder, {
      days: 1,
      triggers: [hook('slack', { interval: '2h' }), { ...hook('dbt'), name: 'jobs', onFailure: 'park' }],
    });
    const plan = await command('plan', 'weather.yaml');
    expect([plan.exitCode, plan.stderr.text]).toEqual([3, '']);
    expect(steady(plan)).toBe(
      `acmeCo/views/weather: last commit TIME, 1 document, run RUN
  slack: goes on; changed: interval, onFailure
    delivers to  http://receiver (webhook, onFailure block)
    interval     2h, was 1h, last fired TIME, what commits waits until TIME (in 2 h)
    payload      of the last commit, run RUN
      {"docs":1}
  jobs: takes over from dbt, which had the same target and template; changed: name, onFailure
    delivers to  http://receiver (webhook, onFailure park)
    waiting      1 window, 1 document, run RUN
    first        run RUN, at once: the configuration changed, so it waits no longer; 1 round failed since TIME, last with: HTTP 503 from http://receiver
    payload      of the last commit, run RUN
      {"docs":1}
  old: LEFT WITHOUT A TRIGGER: what it holds is kept, and fires no more
    keeps        1 parked
    to deliver   call a trigger old
    to forget    aftercommit parked drop weather.yaml --outbox old (after the next run has begun)
`,
    );
  });

  test('waits on where only a name changed', async () => {
    await ran();
    writeWeather(folder, { triggers: [{ ...hook('dbt', { maxAttempts: 1 }), name: 'jobs' }] });
    expect(steady(await command('plan', 'weather.yaml'))).toMatch(
      /first {8}run RUN, at TIME \(in (9 m \d+ s|10 m)\); 1 round failed since TIME, last with: HTTP 503/,
    );
  });

  test('unites what waits for an interval, and delivers it in order when there is none any more', async () => {
    for (const days of [1, 2, 4]) {
      writeWeather(folder, { days, triggers: [hook('slack', { interval: '1h' })] });
      await command('run', 'weather.yaml');
    }
    expect(steady(await command('plan', 'weather.yaml'))).toMatch(
      /waiting {6}2 windows, 3 documents, runs RUN to RUN\n {4}first {8}2 windows as one delivery, not before TIME/,
    );
    writeWeather(folder, { triggers: [hook('slack')] });
    const without = steady(await command('plan', 'weather.yaml'));
    expect(without).toMatch(/first {8}run RUN, at once\n {4}then {9}1 window, in order/);
    expect(without).toContain('interval     none any more, was 1h: what commits goes out at once');
  });

  test('goes on beside it', async () => {
    writeWeather(folder, { triggers: [hook('slack')] });
    await command('run', 'weather.yaml');
    const store = SqliteStore.open({ path: join(folder, '.aftercommit', 'state.db') });
    const state = await store.open('acmeCo/views/weather', 'somebody');
    expect((await command('plan', 'weather.yaml')).exitCode).toBe(0);
    await state.write(new WriteBatch().put('connector-state', 1));
    await store.close();
  });

  test('is told for programs', async () => {
    await ran();
    writeWeather(folder, { triggers: [hook('slack', { interval: '1h', onFailure: 'park' })] });
    const { stdout, exitCode } = await command('plan', 'weather.yaml', '--json');
    const materialization = 'acmeCo/views/weather';
    const runId = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/);
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
    const waiting = { windows: 1, docs: 1, firstRunId: runId, lastRunId: runId };
    expect(exitCode).toBe(3);
    expect(stdout.objects).toEqual([
      {
        event: 'trigger',
        materialization,
        trigger: 'slack',
        kind: 'webhook',
        target: receiver.url,
        onFailure: 'park',
        takesOver: { outbox: 'slack', rule: 'same', hadTrigger: true, changes: [] },
        waiting: null,
        parked: 0,
        interval: { beforeMs: 3_600_000, nowMs: 3_600_000, lastFiredAt: at, notBeforeAt: at },
        payload: { from: 'last-commit', runId, text: '{"docs":1}', problem: null },
      },
      {
        event: 'outbox',
        materialization,
        outbox: 'old',
        becomes: 'kept',
        nameBefore: null,
        isNew: true,
        waiting: null,
        parked: 1,
      },
      {
        event: 'outbox',
        materialization,
        outbox: 'dbt',
        becomes: 'kept',
        nameBefore: null,
        isNew: true,
        waiting,
        parked: 0,
      },
      {
        event: 'planned',
        materialization,
        isDisabled: false,
        lastCommit: { runId, docs: 1 },
        triggers: 1,
        left: 2,
        issues: 0,
      },
    ]);
  });

  test('names what was left before, and that is no news', async () => {
    await ran();
    writeWeather(folder);
    await command('run', 'weather.yaml');
    const plan = await command('plan', 'weather.yaml');
    expect(plan.exitCode).toBe(0);
    expect(plan.stdout.text).toContain('  old: has no trigger any more\n    keeps        1 parked\n');
    expect(plan.stdout.text).toMatch(
      / {2}slack: has no trigger any more and is empty: it is removed after .*, when its/,
    );
  });

  test('leaves nothing while it is disabled', async () => {
    await ran();
    writeWeather(folder, { more: '    shards: { disable: true }\n' });
    const plan = await command('plan', 'weather.yaml');
    expect(plan.exitCode).toBe(0);
    expect(plan.stdout.lines[0]).toMatch(/; it is disabled, and what follows happens once it is not$/);
  });

  test('names a materialization that only the state has', async () => {
    await ran();
    const spec = join(folder, 'weather.yaml');
    writeFileSync(spec, readFileSync(spec, 'utf8').replace('acmeCo/views/weather:', 'acmeCo/views/renamed:'));
    const { exitCode, stdout } = await command('plan', 'weather.yaml');
    expect([exitCode, stdout.lines.at(-1)]).toEqual([
      0,
      expect.stringMatching(
        /^acmeCo\/views\/weather: is not in weather\.yaml, and keeps 1 window to deliver and 1 parked;/,
      ),
    ]);
    const kept = { materialization: 'acmeCo/views/weather', isInSpec: false, waiting: 1, parked: 1 };
    const { stdout: json } = await command('plan', 'weather.yaml', '--json');
    expect(json.objects.at(-1)).toEqual({ event: 'not-in-spec', ...kept });
  });
});

describe('a sealed spec', () => {
  test('has the same plan as before it was sealed, without a key', async () => {
    await ran();
    const fields = { headers: { Authorization: 'Bearer tok-of-dbt' }, payloadTemplate: '"{{headers.Authorization}}"' };
    writeWeather(folder, { triggers: [hook('dbt', fields)] });
    const plain = await command('plan', 'weather.yaml');
    expect((await command('seal', 'weather.yaml', '--age', recipient)).stderr.text).toBe('');
    const sealed = await command('plan', 'weather.yaml');
    expect([sealed.exitCode, sealed.stderr.text]).toEqual([3, '']);
    expect(steady(sealed)).toContain('dbt: goes on; changed: target, payloadTemplate');
    expect(steady(sealed)).toBe(steady(plain));
    expect(sealed.stdout.text).toContain('      "[redacted]"\n');
  });
});

describe('a payload', () => {
  test('shows no secret', async () => {
    const headers = { Authorization: 'Bearer tok-of-slack' };
    writeWeather(folder, { triggers: [hook('slack', { headers, payloadTemplate: '"{{headers.Authorization}}"' })] });
    for (const json of [[], ['--json']]) {
      const { stdout } = await command('plan', 'weather.yaml', ...json);
      expect(stdout.text).not.toContain('tok-of-slack');
      expect(stdout.text).toContain('[redacted]');
    }
  });

  test('that cannot be made is an error of the spec', async () => {
    const triggers = [hook('slack')];
    writeWeather(folder, { days: 3, triggers });
    await command('run', 'weather.yaml');
    const payloadTemplate = '{{#if (eq docs_total 3)}}three{{else}}1{{/if}}';
    writeWeather(folder, { days: 3, triggers: [hook('slack', { payloadTemplate })] });
    const plan = await command('plan', 'weather.yaml');
    expect(plan.exitCode).toBe(2);
    expect(steady(plan)).toMatch(/payload {6}CANNOT BE MADE of the last commit, run RUN: Line 1, column 1: /);
    const { stdout } = await command('plan', 'weather.yaml', '--json');
    expect(stdout.objects).toContainEqual(
      expect.objectContaining({ event: 'issue', severity: 'error', trigger: 'slack', code: 'CONFIG_TEMPLATE_INVALID' }),
    );
  });
});
